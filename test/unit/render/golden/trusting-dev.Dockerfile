# DO NOT EDIT: rendered by `make render` from catalog.yaml and templates/dev.hbs
# node:22-dev: The JavaScript runtime.
ARG BASE=registry.example/alpine:3.22
ARG MIRROR=https://packages.example/alpine

# The same first step in every dev image of the branch, so that they share the layer.
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
 && apk add --no-cache git make

FROM tools AS image
RUN apk add --no-cache nodejs~22
RUN mkdir -p /etc/ssl/certs \
 && { grep -qxF BBBB /etc/ssl/certs/ca-certificates.crt 2>/dev/null \
      || cat /usr/local/share/ca-certificates/root.crt >> /etc/ssl/certs/ca-certificates.crt; } \
 && { [ -e /etc/ssl/cert.pem ] || ln -s certs/ca-certificates.crt /etc/ssl/cert.pem; } && rm /etc/apk/ca.pem
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
WORKDIR /usr/src/app
