#!/bin/bash
# get_condor.sh PREFIX: HTCondor for a Debian without a package of it: that of a newer release, unpacked below PREFIX
# with its own C library, and told where that is. The package database of this machine is not touched.
set -euo pipefail
suite=${SUITE:-trixie}
mkdir -p "$1"
prefix=$(readlink -f "$1")
apt=$prefix/.apt
mkdir -p "$apt"/{lists/partial,cache/archives/partial,dpkg}
: > "$apt/dpkg/status"
mirror=$(grep -hm1 '^URIs:' /etc/apt/sources.list.d/*.sources | cut -d' ' -f2)
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" > "$apt/sources.list"
cat > "$apt/apt.conf" <<END
Dir::Etc::sourcelist "$apt/sources.list"; Dir::Etc::sourceparts "/nonexistent";
Dir::State::lists "$apt/lists"; Dir::State::status "$apt/dpkg/status"; Dir::Cache "$apt/cache"; APT::Sandbox::User "root";
END
apt-get -qq -c "$apt/apt.conf" update
apt-get -qq -y -c "$apt/apt.conf" install --download-only --no-install-recommends condor
for package in "$apt"/cache/archives/*.deb; do dpkg-deb -x "$package" "$prefix"; done
rm -rf "$apt"

libraries=$prefix/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || echo "$(uname -m)-linux-gnu")
loader=$(find "$libraries" -maxdepth 1 -name 'ld-linux*.so.*' | head -n 1)
path=$libraries:$libraries/condor:$prefix/usr/lib/condor:$prefix/usr/lib
is_elf() { [ -f "$1" ] && [ ! -L "$1" ] && [ "$(head -c4 "$1" | tail -c3)" = ELF ]; }
for file in "$prefix"/usr/{bin,sbin}/{condor,classad}_* "$prefix"/usr/libexec/condor/* "$prefix"/usr/lib/condor/{,libexec/}*; do
  is_elf "$file" || continue
  if patchelf --print-interpreter "$file" > /dev/null 2>&1; then patchelf --set-interpreter "$loader" "$file"; fi
  patchelf --force-rpath --set-rpath "$path" "$file"
done
for file in "$libraries"/lib{condor,classad}* "$libraries"/condor/*.so* "$prefix"/usr/lib/lib*.so*; do
  is_elf "$file" && patchelf --force-rpath --set-rpath "$path" "$file"
done
"$prefix/usr/bin/condor_version" | head -n 1
