# DO NOT EDIT: rendered by `make render` from catalog.yaml and templates/dev.hbs
# node:22-dev: The JavaScript runtime.
ARG BASE=registry.example/alpine:3.22
ARG MIRROR=https://packages.example/alpine

# The same first step in every dev image of the branch, so that they share the layer. Whoever runs it, by any number
# (docker run -u), has a home for caches, and may work with git in a folder of somebody else's.
FROM $BASE AS tools
ARG MIRROR
# Authorities of the catalog's own, for apk here; what runs in the image is told of them below.
RUN mkdir -p /usr/local/share/ca-certificates \
 && printf '%s\n' \
      '-----BEGIN CERTIFICATE-----' \
      'AAAA' \
      'BBBB' \
      '-----END CERTIFICATE-----' \
      > /usr/local/share/ca-certificates/root.crt \
 && cat /etc/ssl/cert.pem /usr/local/share/ca-certificates/*.crt > /etc/apk/ca.pem
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
RUN mkdir -p /etc/ssl/certs \
 && { grep -qxF BBBB /etc/ssl/certs/ca-certificates.crt 2>/dev/null \
      || cat /usr/local/share/ca-certificates/root.crt >> /etc/ssl/certs/ca-certificates.crt; } \
 && { [ -e /etc/ssl/cert.pem ] || ln -s certs/ca-certificates.crt /etc/ssl/cert.pem; } && rm /etc/apk/ca.pem
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
WORKDIR /usr/src/app
