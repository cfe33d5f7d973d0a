# DO NOT EDIT: rendered by `make render` from catalog.yaml and templates/dev.hbs
# node:22-dev: The JavaScript runtime.
ARG BASE=registry.example/alpine:3.22
ARG MIRROR=https://packages.example/alpine

# The same first step in every dev image of the branch, so that they share the layer.
FROM $BASE AS tools
ARG MIRROR
RUN printf '%s\n' "$MIRROR/v3.22/main" "$MIRROR/v3.22/community" > /etc/apk/repositories \
 && apk upgrade --no-cache \
 && apk add --no-cache git make

FROM tools AS image
RUN apk add --no-cache nodejs~22
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
WORKDIR /usr/src/app
