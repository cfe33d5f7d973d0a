# DO NOT EDIT: rendered by `make render` from catalog.yaml and templates/runtime.hbs
# node:22: The JavaScript runtime.
ARG BASE=registry.example/alpine:3.22
ARG MIRROR=https://packages.example/alpine

# The root filesystem is assembled beside Alpine's own, and no script of a package runs: that needs no
# emulator for another architecture, and nothing of the tools that assemble it stays behind.
FROM --platform=$BUILDPLATFORM $BASE AS rootfs
ARG MIRROR
ARG APK_ARCH
# Authorities of the catalog's own, for apk here; what runs in the image is told of them below.
RUN mkdir -p /usr/local/share/ca-certificates \
 && printf '%s\n' \
      '-----BEGIN CERTIFICATE-----' \
      'AAAA' \
      'BBBB' \
      '-----END CERTIFICATE-----' \
      > /usr/local/share/ca-certificates/root.crt \
 && cat /etc/ssl/cert.pem /usr/local/share/ca-certificates/*.crt > /etc/apk/ca.pem
RUN mkdir -p /rootfs/etc/apk \
 && cp -r /etc/apk/keys /rootfs/etc/apk/ \
 && printf '%s\n' "$MIRROR/v3.22/main" "$MIRROR/v3.22/community" > /rootfs/etc/apk/repositories \
 && apk add --root /rootfs --initdb --no-cache --no-scripts --arch "${APK_ARCH:-$(apk --print-arch)}" \
      nodejs~22
# No package of its own says which release of Alpine this is: up to 3.16 there is none that could.
RUN cp /etc/os-release /etc/alpine-release /rootfs/etc/
RUN echo nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin >> /rootfs/etc/passwd \
 && echo nonroot:x:65532: >> /rootfs/etc/group \
 && mkdir -p /rootfs/home/nonroot /rootfs/tmp \
 && chown 65532:65532 /rootfs/home/nonroot \
 && chmod 1777 /rootfs/tmp
RUN mkdir -p /rootfs/etc/ssl/certs \
 && { grep -qxF BBBB /rootfs/etc/ssl/certs/ca-certificates.crt 2>/dev/null \
      || cat /usr/local/share/ca-certificates/root.crt >> /rootfs/etc/ssl/certs/ca-certificates.crt; } \
 && { [ -e /rootfs/etc/ssl/cert.pem ] || ln -s certs/ca-certificates.crt /rootfs/etc/ssl/cert.pem; }
RUN rm -rf /rootfs/etc/apk /rootfs/var/cache/apk /rootfs/var/log/apk.log /rootfs/lib/apk/exec \
      /rootfs/lib/apk/db/lock /rootfs/lib/apk/db/scripts.tar* /rootfs/lib/apk/db/triggers

FROM scratch AS image
COPY --from=rootfs /rootfs /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
USER 65532:65532
