import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { KNOWN_USERS } from "../../../../scripts/model/configuration.ts";
import { imagesOf } from "../../../../scripts/report/site/images.ts";
import { useView } from "../../../../scripts/report/site/use.ts";
import { sampleDigest, sampleSite, sampleSiteTarget } from "../../../support/sample-site.ts";
import { sampleCatalog, sampleDebug, sampleRelease } from "../../../support/sample-target.ts";

type Changes = Parameters<typeof sampleRelease>[0];

const REGISTRY = "registry.example/base";

/** What is said of a version of which the named variants are published. */
function viewOf(changes: Changes = {}, published = ["runtime", "dev", "debug"], hasDebug = true) {
  const { runtime, dev } = sampleRelease(changes);
  const all = [runtime, dev, ...(hasDebug ? [sampleDebug(changes)] : [])];
  const targets = all.map((target) =>
    sampleSiteTarget(target, published.includes(target.variant) ? {} : { published: undefined }),
  );
  const site = sampleSite({ catalog: sampleCatalog(all), targets });
  const [image] = imagesOf(site);
  if (!image) throw new Error("the sample has an image");
  return useView(site, image.shown);
}

describe("how a version is used", () => {
  it("names what can be pulled, whose files are to be, and how to look into it", () => {
    expect(viewOf({ healthcheck: { test: ["node", "health.js"] } })).toMatchObject({
      ...{ name: "node:22", dev: "node:22-dev", user: "nonroot, 65532", isRoot: false, ids: "65532:65532" },
      ...{ home: "/home/nonroot", hasShell: false, hasDev: true, health: '["node","health.js"]' },
      debug: {
        name: "node:22-debug",
        run: `docker run --rm -it --entrypoint /bin/sh ${REGISTRY}/node:22-debug`,
      },
      beside: `docker run --rm -it --pid container:CONTAINER --network container:CONTAINER ${REGISTRY}/node:22-dev sh`,
      inCluster: `kubectl debug -it POD --image=${REGISTRY}/node:22-dev --target=CONTAINER -- sh`,
      copy: "COPY --chown=65532:65532 . /home/nonroot",
    });
    expect(viewOf({ workdir: "/app", shell: true })).toMatchObject({
      ...{ home: "/app", copy: "COPY --chown=65532:65532 . /app", hasShell: true, health: undefined },
    });
    expect(viewOf({ user: KNOWN_USERS.root })).toMatchObject({ user: "root", isRoot: true, ids: "0:0" });
  });

  it("names nothing that nobody can pull", () => {
    expect(viewOf({}, ["runtime"])).toMatchObject({ hasDev: false, debug: false });
    expect(viewOf({}, ["runtime", "dev"], false)).toMatchObject({ hasDev: true, debug: undefined });
    expect(viewOf({}, ["dev"]).compose).toContain(`image: ${REGISTRY}/node:22\n`);
  });

  it("stands in a compose file with no more rights than it needs", () => {
    const image = `${REGISTRY}/node:22@${sampleDigest(3)}`;
    const app = {
      ...{ image, init: true, read_only: true, tmpfs: ["/tmp"], cap_drop: ["ALL"] },
      security_opt: ["no-new-privileges:true"],
    };
    expect(parse(viewOf().compose)).toEqual({ services: { app } });
    const healthcheck = { test: ["CMD", "node", "health.js"] };
    expect(parse(viewOf({ healthcheck: { test: ["node", "health.js"] } }).compose)).toEqual({
      services: { app: { ...app, healthcheck } },
    });
    const { cap_drop: _, ...rights } = app;
    expect(parse(viewOf({ user: KNOWN_USERS.root }).compose)).toEqual({ services: { app: rights } });
  });

  it("stands in a cluster as its user, and as root with root's rights alone", () => {
    const container = {
      ...{ name: "app", image: `${REGISTRY}/node:22@${sampleDigest(3)}` },
      volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
    };
    const readOnly = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true };
    const pod = (name: string, more: object, securityContext: object, image = container.image) => ({
      ...{ apiVersion: "v1", kind: "Pod", metadata: { name } },
      spec: {
        ...more,
        containers: [{ ...container, image, securityContext }],
        volumes: [{ name: "tmp", emptyDir: {} }],
      },
    });
    const user = { runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532 };
    expect(parse(viewOf().kubernetes)).toEqual(
      pod("node", { securityContext: user }, { ...readOnly, capabilities: { drop: ["ALL"] } }),
    );
    expect(parse(viewOf({ user: KNOWN_USERS.root }).kubernetes)).toEqual(pod("node", {}, readOnly));
  });

  it("is called in a cluster by a name that one takes there", () => {
    expect(parse(viewOf({ image: "my_app.v2" }).kubernetes).metadata).toEqual({ name: "my-app-v2" });
  });
});
