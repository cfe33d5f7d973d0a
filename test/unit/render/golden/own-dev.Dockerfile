# DO NOT EDIT: rendered by `make render` from catalog.yaml and templates/dev.hbs
# node:22-dev: The JavaScript runtime.
ARG BASE=registry.example/alpine:3.22
ARG MIRROR=https://packages.example/alpine

# The same first step in every dev image of the branch, so that they share the layer. Whoever runs it, by any number
# (docker run -u), has a home for caches, and may work with git in a folder of somebody else's.
FROM $BASE AS tools
ARG MIRROR
RUN printf '%s\n' "$MIRROR/v3.22/main" "$MIRROR/v3.22/community" > /etc/apk/repositories \
 && apk upgrade --no-cache \
 && apk add --no-cache git make \
 && echo nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin >> /etc/passwd \
 && echo nonroot:x:65532: >> /etc/group \
 && sed -i 's/^root::/root:*:/' /etc/shadow \
 && echo 'nonroot:!::0:::::' >> /etc/shadow \
 && mkdir -p /home/nonroot \
 && chown 65532:65532 /home/nonroot \
 && mkdir -p /root /usr/src/app && chmod 1777 /root /usr/src/app \
 && printf '[safe]\n\tdirectory = *\n' >> /etc/gitconfig \
 && rm -f /var/log/apk.log
ENV HOME=/root

FROM tools AS image
RUN apk add --no-cache nodejs~22 \
 && rm -f /var/log/apk.log
RUN echo app:x:1000:2000:app:/home/app:/bin/sh >> /etc/passwd \
 && echo app:x:2000: >> /etc/group \
 && { [ ! -e /etc/shadow ] || echo 'app:!::0:::::' >> /etc/shadow; } \
 && mkdir -p /home/app \
 && chown 1000:2000 /home/app
RUN mkdir -p /data /var/lib/app \
 && chown 1000:2000 /data /var/lib/app
RUN mkdir -p /etc/app/ && rm -f /etc/app/app.conf \
 && printf '%s\n' \
      '# it'\''s a "test"' \
      '' \
      'a = $HOME \' \
      > /etc/app/app.conf \
 && chmod 0644 /etc/app/app.conf \
 && chown 0:0 /etc/app/app.conf
RUN mkdir -p /opt/ && rm -f /opt/blob \
 && echo AAEC | base64 -d > /opt/blob \
 && chmod 0600 /opt/blob \
 && chown 1000:2000 /opt/blob
ENV HOME=/home/app
LABEL com.example.team="a \"b\" \$5"
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
WORKDIR /usr/src/app
EXPOSE 8080
EXPOSE 53/udp
VOLUME ["/data","/var/lib/app"]
STOPSIGNAL SIGQUIT
HEALTHCHECK --interval=10s --timeout=2s --start-period=1m --retries=5 CMD ["node","/health.js"]
USER 1000:2000
