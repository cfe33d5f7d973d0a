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
# No package of its own says which release of Alpine this is: up to 3.16 there is none that could.
RUN cp /etc/os-release /etc/alpine-release /rootfs/etc/
RUN echo nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin >> /rootfs/etc/passwd \
 && echo nonroot:x:65532: >> /rootfs/etc/group \
 && mkdir -p /rootfs/home/nonroot /rootfs/tmp \
 && chown 65532:65532 /rootfs/home/nonroot \
 && chmod 1777 /rootfs/tmp
RUN echo app:x:1000:2000:app:/home/app:/sbin/nologin >> /rootfs/etc/passwd \
 && echo app:x:2000: >> /rootfs/etc/group \
 && { [ ! -e /rootfs/etc/shadow ] || echo 'app:!::0:::::' >> /rootfs/etc/shadow; } \
 && mkdir -p /rootfs/home/app \
 && chown 1000:2000 /rootfs/home/app
RUN mkdir -p /rootfs/data /rootfs/var/lib/app \
 && chown 1000:2000 /rootfs/data /rootfs/var/lib/app
RUN mkdir -p /rootfs/etc/app/ && rm -f /rootfs/etc/app/app.conf \
 && printf '%s\n' \
      '# it'\''s a "test"' \
      '' \
      'a = $HOME \' \
      > /rootfs/etc/app/app.conf \
 && chmod 0644 /rootfs/etc/app/app.conf \
 && chown 0:0 /rootfs/etc/app/app.conf
RUN mkdir -p /rootfs/opt/ && rm -f /rootfs/opt/blob \
 && echo AAEC | base64 -d > /rootfs/opt/blob \
 && chmod 0600 /rootfs/opt/blob \
 && chown 1000:2000 /rootfs/opt/blob
RUN rm -rf /rootfs/etc/apk /rootfs/var/cache/apk /rootfs/var/log/apk.log /rootfs/lib/apk/exec \
      /rootfs/lib/apk/db/lock /rootfs/lib/apk/db/scripts.tar* /rootfs/lib/apk/db/triggers

FROM scratch AS image
COPY --from=rootfs /rootfs /
LABEL com.example.team="a \"b\" \$5"
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
EXPOSE 8080
EXPOSE 53/udp
VOLUME ["/data","/var/lib/app"]
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=10s --timeout=2s --start-period=1m --retries=5 CMD ["node","/health.js"]
USER 1000:2000
