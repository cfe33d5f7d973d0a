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
RUN apk add --no-cache '!pyc' nodejs~22 'so:libz.so.1' \
 && ln -sfn node /usr/bin/js \
 && ln -sfn ../../bin/node /usr/local/bin/nodejs \
 && rm -f /var/log/apk.log
LABEL birdhouse.end-of-life=2027-04-30
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENV NODE_ENV="production"
ENV PRICE="a \"b\" \$5 \\ c"
WORKDIR /app
ENTRYPOINT ["/usr/bin/node","--title=a b"]
CMD ["index.js"]
