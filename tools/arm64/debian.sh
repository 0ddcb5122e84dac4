# Sourced by the scripts that unpack Debian's arm64 packages, after tools/lab/cache.sh. Nothing of it is installed here:
# apt works on a root of its own beside the caches, with the mirror that this machine's own apt uses.

arm64_suite=trixie
arm64_apt=$cache/arm64-apt

# arm64_apt_get ARGUMENTS...: apt-get for arm64 and its own package lists.
arm64_apt_get() {
  apt-get -qq -o Dir="$arm64_apt" -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Acquire::Languages=none \
    -o APT::Sandbox::User=root -o Debug::NoLocking=1 "$@"
}

# arm64_refresh: package lists of the suite and of its backports, unless they were read within half an hour.
arm64_refresh() {
  if [ -n "$(find "$arm64_apt/read" -mmin -30 2>/dev/null)" ]; then return 0; fi
  say "reading the package lists for arm64"
  mirror=$(apt_field '$(REPO_URI)' | head -n 1)
  [ -n "$mirror" ] || { say "apt has no Debian mirror configured"; exit 1; }
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  for folder in etc/apt/apt.conf.d etc/apt/preferences.d var/lib/apt/lists/partial var/cache/apt/archives/partial var/lib/dpkg; do
    mkdir -p "$arm64_apt/$folder"
  done
  : >"$arm64_apt/var/lib/dpkg/status"
  apt-config dump | grep -iE '^Acquire::(http|https)::Proxy|^Acquire::Check-' >"$arm64_apt/etc/apt/apt.conf" || true
  {
    echo "deb [arch=arm64 signed-by=$keyring] $mirror $arm64_suite main non-free-firmware"
    echo "deb [arch=arm64 signed-by=$keyring] $mirror $arm64_suite-backports main"
  } >"$arm64_apt/etc/apt/sources.list"
  arm64_apt_get update
  touch "$arm64_apt/read"
}

# arm64_download FOLDER PACKAGE...: the packages' files into FOLDER. NAME/SUITE takes one from another suite.
arm64_download() {
  folder=$1
  shift
  mkdir -p "$folder"
  (cd "$folder" && arm64_apt_get download "$@")
}

# arm64_show NAME: what the package lists say of a package.
arm64_show() {
  apt-cache -o Dir="$arm64_apt" -o APT::Architecture=arm64 -o APT::Architectures=arm64 show "$1"
}
