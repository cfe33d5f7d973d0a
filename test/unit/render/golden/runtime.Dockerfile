# DO NOT EDIT: rendered by `make render` from catalog.yaml and templates/runtime.hbs
# node:22: The JavaScript runtime.
ARG BASE=registry.example/alpine:3.22
ARG MIRROR=https://packages.example/alpine

# The root filesystem is assembled beside Alpine's own, and no script of a package runs: that needs no
# emulator for another architecture, and nothing of the tools that assemble it stays behind.
FROM --platform=$BUILDPLATFORM $BASE AS rootfs
ARG MIRROR
ARG APK_ARCH
RUN mkdir -p /rootfs/etc/apk \
 && cp -r /etc/apk/keys /rootfs/etc/apk/ \
 && printf '%s\n' "$MIRROR/v3.22/main" "$MIRROR/v3.22/community" > /rootfs/etc/apk/repositories \
 && apk add --root /rootfs --initdb --no-cache --no-scripts --arch "${APK_ARCH:-$(apk --print-arch)}" \
      nodejs~22

# What packages do not bring: a user and the directories that programs expect. And what they do bring and a container
# does not need: all that is for a machine that boots, apk's own notes, device nodes (apk makes them where it may), the
# right to become root, and a root that needs no password, as Alpine's package has it and only its base image does not.
RUN cd /rootfs \
 && echo nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin >> etc/passwd \
 && echo nonroot:x:65532: >> etc/group \
 && sed -i 's/^root::/root:*:/' etc/shadow \
 && echo 'nonroot:!::0:::::' >> etc/shadow \
 && mkdir -p home/nonroot \
 && chown 65532:65532 home/nonroot \
 && mkdir -p dev opt proc run sys tmp usr/local/bin var/tmp \
 && mkdir -p -m 700 root \
 && chmod 1777 tmp var/tmp && chmod 555 proc sys \
 && ln -sfn /run var/run \
 && cp /etc/os-release /etc/alpine-release etc/ \
 && rm -rf dev/* \
      etc/apk etc/busybox-paths.d etc/conf.d etc/crontabs etc/fstab etc/init.d etc/inittab etc/issue \
      etc/logrotate.d etc/modprobe.d etc/modules etc/modules-load.d etc/motd etc/network etc/periodic \
      etc/securetty etc/sysctl.conf etc/sysctl.d etc/udhcpc etc/udhcpd.conf lib/firmware lib/mdev \
      lib/modules-load.d lib/sysctl.d usr/lib/modules-load.d usr/lib/sysctl.d usr/share/apk usr/share/udhcpc \
      var/cache/apk var/cache/misc var/lib/udhcpd var/log/apk.log var/spool/cron lib/apk/exec lib/apk/db/lock \
      lib/apk/db/scripts.tar lib/apk/db/scripts.tar.gz lib/apk/db/triggers usr/lib/apk/exec \
      usr/lib/apk/db/lock usr/lib/apk/db/scripts.tar usr/lib/apk/db/scripts.tar.gz usr/lib/apk/db/triggers \
 && find . -type f '(' -perm -4000 -o -perm -2000 ')' -exec chmod a-s {} +

FROM scratch AS image
COPY --from=rootfs /rootfs /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
WORKDIR /home/nonroot
USER 65532:65532
