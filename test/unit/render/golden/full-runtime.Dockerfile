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
      '!pyc' git nodejs~22 'so:libz.so.1'

# Instead of a JRE's package: a Java runtime of these modules only, without debug symbols, headers and man
# pages. The JDK here links the modules of the image's own architecture.
RUN mkdir -p /modules/etc \
 && cp -r /rootfs/etc/apk /modules/etc/ \
 && printf '%s\n' "$MIRROR/v3.22/main" "$MIRROR/v3.22/community" > /etc/apk/repositories \
 && apk add --root /modules --initdb --no-cache --no-scripts --arch "${APK_ARCH:-$(apk --print-arch)}" \
      openjdk22-jmods~22 \
 && apk add --no-cache openjdk22-jdk~22 \
 && /usr/lib/jvm/java-22-openjdk/bin/jlink \
      --module-path /modules/usr/lib/jvm/java-22-openjdk/jmods \
      --add-modules java.base,java.logging \
      --strip-java-debug-attributes --no-header-files --no-man-pages --compress 2 \
      --output /rootfs/usr/lib/jvm/java-22-openjdk

# Java trusts whom its own key store names. A package's trigger makes that of the CA certificates; here we do.
RUN printf '%s\n' "$MIRROR/v3.22/main" "$MIRROR/v3.22/community" > /etc/apk/repositories \
 && apk add --no-cache ca-certificates p11-kit-trust \
 && mkdir -p /rootfs/etc/ssl/certs/java \
 && trust extract --overwrite --format=java-cacerts --filter=ca-anchors --purpose=server-auth \
      /rootfs/etc/ssl/certs/java/cacerts
# No package of its own says which release of Alpine this is: up to 3.16 there is none that could.
RUN cp /etc/os-release /etc/alpine-release /rootfs/etc/
RUN echo nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin >> /rootfs/etc/passwd \
 && echo nonroot:x:65532: >> /rootfs/etc/group \
 && mkdir -p /rootfs/home/nonroot /rootfs/tmp \
 && chown 65532:65532 /rootfs/home/nonroot \
 && chmod 1777 /rootfs/tmp
RUN busybox --list-full > /applets \
 && while read -r applet; do \
      mkdir -p "/rootfs/${applet%/*}" || exit 1; \
      [ -e "/rootfs/$applet" ] || ln -s /bin/busybox "/rootfs/$applet" || exit 1; \
    done < /applets
RUN mkdir -p /rootfs/usr/bin && ln -sfn node /rootfs/usr/bin/js
RUN mkdir -p /rootfs/usr/local/bin && ln -sfn ../../bin/node /rootfs/usr/local/bin/nodejs
RUN rm -rf /rootfs/usr/share/man /rootfs/usr/lib/node_modules/*.md
RUN rm -rf /rootfs/etc/apk /rootfs/var/cache/apk /rootfs/var/log/apk.log /rootfs/lib/apk/exec \
      /rootfs/lib/apk/db/lock /rootfs/lib/apk/db/scripts.tar* /rootfs/lib/apk/db/triggers

FROM scratch AS image
COPY --from=rootfs /rootfs /
LABEL birdhouse.end-of-life=2027-04-30
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENV NODE_ENV="production"
ENV PRICE="a \"b\" \$5 \\ c"
WORKDIR /app
ENTRYPOINT ["/usr/bin/node","--title=a b"]
CMD ["index.js"]
USER 65532:65532
