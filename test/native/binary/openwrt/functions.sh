# In a test, in place of OpenWrt's /lib/functions.sh: as much of it as a package's scripts use.
config_load() {
	CONFIG_FILE=/etc/config/$1
}

# config_get VARIABLE SECTION OPTION [DEFAULT]
config_get() {
	CONFIG_VALUE=$(awk -v section="$2" -v option="$3" -v quote="'" '
		$1 == "config" { name = $3; gsub(quote, "", name) }
		$1 == "option" && name == section && $2 == option { split($0, parts, quote); value = parts[2] }
		END { print value }' "$CONFIG_FILE")
	eval "$1=\${CONFIG_VALUE:-\$4}"
}

config_get_bool() {
	config_get "$@"
	eval "case \$$1 in 1 | on | true | yes | enabled) $1=1 ;; *) $1=0 ;; esac"
}

default_postinst() {
	for defaults in /etc/uci-defaults/*; do
		[ -e "$defaults" ] && sh "$defaults" && rm "$defaults"
	done
	for script in /etc/init.d/*; do
		"$script" enable
		"$script" start
	done
}

default_prerm() {
	for script in /etc/init.d/*; do
		"$script" stop
		"$script" disable
	done
}
