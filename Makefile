# The targets of the manual. Everything sets itself up on a bare Debian 12 with Node and make.

ROOT := $(dir $(abspath $(lastword $(MAKEFILE_LIST))))
export PATH := $(ROOT)node_modules/.bin:$(PATH)
ARCH ?= x64
BUNDLE := build/flexspoke.cjs
SOURCES := $(shell find firmware tools -name '*.ts' -o -name '*.tsx' -o -name '*.cjs' -o -path 'firmware/web/*' -type f 2>/dev/null)

.PHONY: demo test test-unit test-native test-page test-system bench bench-scale fuzz binary image deb lint format clean setup lab build

demo: $(BUNDLE) setup
	node test/demo/demo.ts

test: lint $(BUNDLE) setup
	node tools/run-tests.ts unit native page system

test-unit: node_modules/.installed
	node tools/run-tests.ts unit

test-native: $(BUNDLE) setup
	node tools/run-tests.ts native

test-page: setup
	node tools/run-tests.ts page

test-system: $(BUNDLE) setup
	node tools/run-tests.ts system

# make lab SCENARIO=psk: runs one scenario by hand and leaves a shell open in it.
lab: $(BUNDLE) setup
	node test/lab/shell.ts $(SCENARIO)

bench: binary $(BUNDLE)
	node test/bench/run.ts

# Ten thousand branches of one hub pair; needs nothing but Node. Also a part of bench.
bench-scale: node_modules/.installed
	node test/bench/scale.ts

fuzz: node_modules/.installed
	node test/fuzz/run.ts ike-message 300
	node test/fuzz/run.ts update-bundle 60

binary: setup
	node tools/single-executable.ts $(ARCH)

# make deb ARCH=arm64|x64: build/packages/…; docs/packages.md
deb: binary
	node tools/package/deb.ts $(ARCH)

# make image BOARD=raspberrypi|qemu-virt|openwrt: build/images/… ; docs/image.md, docs/packages.md
image: setup
	node tools/single-executable.ts arm64
	node $(if $(filter openwrt,$(BOARD)),tools/package/openwrt.ts arm64,tools/image/image.ts $(BOARD))

lint: node_modules/.installed
	biome check --error-on-warnings .
	tsc -p .
	tsc -p firmware/web
	node tools/check-directions.ts
	knip

format: node_modules/.installed
	biome check --write .

build: $(BUNDLE)

$(BUNDLE): node_modules/.installed $(SOURCES)
	node tools/bundle.ts

setup: node_modules/.installed
	sh tools/setup.sh

node_modules/.installed: package.json package-lock.json
	npm ci --no-audit --no-fund
	touch $@

clean:
	rm -rf build coverage
