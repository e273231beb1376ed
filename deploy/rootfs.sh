#!/bin/sh
# Lays out the root file system of the container image: the binary, the libraries that it is linked with, the certificates of the
# authorities by which webhooks and collectors are called, a user without rights, and a folder for the database.
#
# Usage: deploy/rootfs.sh BINARY FOLDER
set -eu
[ $# -eq 2 ] || { echo 'usage: rootfs.sh BINARY FOLDER' >&2; exit 2; }
binary=$1
root=$2
certificates=/etc/ssl/certs/ca-certificates.crt
[ -f "$certificates" ] || { echo "rootfs.sh: there is no $certificates; install ca-certificates" >&2; exit 1; }

mkdir -p "$root/usr/bin" "$root/etc/ssl/certs" "$root/data"
cp "$binary" "$root/usr/bin/careerql"
# A library is `libc.so.6 => /lib/…/libc.so.6 (0x…)`, the loader has its path alone; a static binary has neither.
ldd "$binary" | sed -n 's|^[^/]*\(/[^ ]*\) (0x.*|\1|p' | while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
done
cp -L "$certificates" "$root$certificates"
echo 'careerql:x:65532:65532::/data:/sbin/nologin' >"$root/etc/passwd"
echo 'careerql:x:65532:' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
chmod -R u=rwX,go=rX "$root"
chmod 755 "$root/usr/bin/careerql"
