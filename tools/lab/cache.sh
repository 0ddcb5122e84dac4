# Sourced by the set-up scripts: where downloads live, and how an item is put there in one step.
# An item is a folder NAME-KEY; KEY comes from the content of its recipe, so a changed recipe makes a new item.

lab_tools=$here
case $lab_tools in */lab) ;; *) lab_tools=$here/lab ;; esac
cache=${FLEXSPOKE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/flexspoke}

say() {
  printf '%s\n' "set-up: $*" >&2
}

# as_root COMMAND...: runs it as root, by sudo where we are not.
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# item NAME: the folder of the item that FILES (the recipe) describe. Prints it whether or not it exists.
item() {
  name=$1
  shift
  printf '%s/%s-%s\n' "$cache" "$name" "$(cat "$@" | sha256sum | cut -c1-12)"
}

# begin FOLDER: an empty work folder beside it, removed when the script ends early.
begin() {
  mkdir -p "$cache"
  work=$(mktemp -d "$1.new.XXXXXX")
  chmod 755 "$work"
  trap 'as_root rm -rf "$work"' EXIT
  trap 'exit 130' INT TERM
}

# finish FOLDER: the work folder becomes the item. Who comes second keeps what the first one made.
finish() {
  if ! mv -T "$work" "$1" 2>/dev/null; then as_root rm -rf "$work"; fi
  trap - EXIT
}

# prune_cache: removes work folders of runs that were killed more than a day ago, and items of recipes that nobody has
# used for a month.
prune_cache() {
  [ -d "$cache" ] || return 0
  find "$cache" -mindepth 1 -maxdepth 1 -name '*.new.*' -mtime +0 -exec rm -rf {} + 2>/dev/null || true
  for old in "$cache"/*/used; do
    if [ -n "$(find "$old" -mtime +30 2>/dev/null)" ]; then as_root rm -rf "${old%/used}"; fi
  done
}

# apt_field FORMAT: what apt is configured with, one line for each Debian package index.
apt_field() {
  apt-get indextargets --format "$1" 'Created-By: Packages' 'Label: Debian' | sort -u
}

# apt_refresh: package lists, unless an earlier step of the set-up has just read them.
apt_refresh() {
  if [ -n "$(find "$cache/lists-read" -mmin -30 2>/dev/null)" ]; then return 0; fi
  say "reading the package lists"
  as_root apt-get update -qq
  mkdir -p "$cache"
  touch "$cache/lists-read"
}
