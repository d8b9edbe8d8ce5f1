#!/usr/bin/env bash
# Fetches the Fandol fonts (仿宋, 黑, 楷; GPL-3 with font exception: documents are not affected) from Debian's
# texlive-lang-chinese without installing it: only the font files are unpacked. usage: tools/fonts.sh [folder]
set -euo pipefail
cd "$(dirname "$0")/.."
target=${1:-fonts}
wanted=(FandolFang-Regular.otf FandolHei-Regular.otf FandolKai-Regular.otf)
have_all=true
for f in "${wanted[@]}"; do [[ -s $target/$f ]] || have_all=false; done
if $have_all; then
	echo "$target: all ${#wanted[@]} fonts are there"
	exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work" # apt's own user writes here
(cd "$work" && apt-get download -qq texlive-lang-chinese)
mkdir "$work/tree"
dpkg-deb --fsys-tarfile "$work"/texlive-lang-chinese_*.deb |
	tar -x -C "$work/tree" --wildcards '*/fonts/opentype/public/fandol/*' './usr/share/doc/texlive-doc/*fandol*' 2>/dev/null ||
	dpkg-deb -x "$work"/texlive-lang-chinese_*.deb "$work/tree"
mkdir -p "$target.new"
for f in "${wanted[@]}"; do
	found=$(find "$work/tree" -name "$f" | head -1)
	[[ -n $found ]] || { echo "$f is not in the package" >&2; rm -rf "$target.new"; exit 1; }
	cp "$found" "$target.new/"
done
find "$work/tree" -path '*fandol*' \( -name COPYING -o -name README \) -exec cp {} "$target.new/" \; 2>/dev/null || true
mkdir -p "$target"
mv "$target.new"/* "$target/"
rmdir "$target.new"
echo "$target: ${#wanted[@]} fonts"
