import { describe, expect, it } from "vitest";
import { containerName, podManifest, withSurroundings } from "../../../../scripts/engine/pods/manifest.ts";
import { sampleRequest } from "./sample-pod.ts";

/** What of a Pod's volumes the restricted profile lets in. Source: Kubernetes, "Pod Security Standards", Restricted. */
const VOLUMES = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "projected", "secret"];

describe("the manifest of a Pod", () => {
  const { metadata, spec } = podManifest(sampleRequest());
  const all = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];

  it("keeps to the restricted profile", () => {
    expect(spec?.securityContext).toEqual({
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    });
    for (const { securityContext } of all) {
      expect(securityContext).toMatchObject({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
      });
      expect(securityContext?.runAsUser).toBeGreaterThan(0);
    }
    for (const volume of spec?.volumes ?? []) {
      expect(VOLUMES).toEqual(expect.arrayContaining(Object.keys(volume).filter((key) => key !== "name")));
    }
    for (const key of ["hostNetwork", "hostPID", "hostIPC"]) expect(spec).not.toHaveProperty(key);
  });

  it("has a container for each way in which an image is run, by digest, and dev prepares them", () => {
    const rows = all.map(({ name, image, securityContext }) => [
      ...[name, image, securityContext?.runAsUser, securityContext?.runAsGroup],
      securityContext?.readOnlyRootFilesystem,
    ]);
    const [dev, runtime] = ["dev", "runtime"].map((name) => sampleRequest().images[name as "dev"]);
    expect(rows).toEqual([
      ["prepare", dev, 10001, 10001, undefined],
      ["dev-10001-10001", dev, 10001, 10001, undefined],
      ["runtime-65532-65532", runtime, 65532, 65532, undefined],
      ["runtime-1000-1000-read-only", runtime, 1000, 1000, true],
      ["runtime-4711", runtime, 4711, undefined, undefined],
    ]);
  });

  it("lets only dev write what they share, and gives who can write nothing else a /tmp of its own", () => {
    const written = (spec?.containers ?? []).map(({ name, volumeMounts }) => [
      name,
      (volumeMounts ?? []).filter(({ readOnly }) => !readOnly).map(({ mountPath }) => mountPath),
    ]);
    expect(Object.fromEntries(written)).toEqual({
      "dev-10001-10001": ["/smoke", "/usr/src/app"],
      "runtime-65532-65532": [],
      "runtime-1000-1000-read-only": ["/tmp"],
      "runtime-4711": [],
    });
    const volumes = new Set(spec?.volumes?.map(({ name }) => name));
    for (const { volumeMounts } of all)
      for (const { name } of volumeMounts ?? []) expect(volumes).toContain(name);
  });

  it("ends by itself, restarts nothing, runs where its platform is, and has no token of the cluster", () => {
    expect(spec).toMatchObject({
      restartPolicy: "Never",
      activeDeadlineSeconds: 7200,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      nodeSelector: { "kubernetes.io/os": "linux", "kubernetes.io/arch": "arm64" },
    });
    expect(all.at(-1)?.command?.slice(-2)).toEqual(["sleep", "7200"]);
  });

  it("says whose it is, and whether it needs a network", () => {
    expect(metadata?.labels).toEqual({
      "app.kubernetes.io/managed-by": "birdhouse",
      "app.kubernetes.io/component": "smoke-test",
      "birdhouse/run": "0123456789abcdef",
      "birdhouse/network": "none",
    });
    expect(metadata?.annotations).toEqual({
      "birdhouse/release": "lua:5.4",
      "birdhouse/run": "boot pid:[1] 2 3",
    });
    const fetching = podManifest({ ...sampleRequest(), needsNetwork: true, run: { label: "x" } });
    expect(fetching.metadata?.labels?.["birdhouse/network"]).toBe("internet");
    expect(fetching.metadata?.annotations).not.toHaveProperty("birdhouse/run");
  });

  it("has names that Kubernetes takes (RFC 1123)", () => {
    const shape = { variant: "runtime", user: "999999999:999999999", isReadOnly: true } as const;
    expect(`tmp-${containerName(shape)}`).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
  });
});

describe("a command in a folder with variables", () => {
  it("is started by busybox, with everything as a word of its own", () => {
    const words = withSurroundings(["lua", "-e", "print('a  b')"], "/smoke", {
      TZ: "Europe/Berlin",
      A: "b c",
    });
    expect(words.slice(0, 6)).toEqual([
      ...["/birdhouse/ld", "--library-path", "/birdhouse", "/birdhouse/busybox", "sh", "-c"],
    ]);
    expect(words.slice(7)).toEqual([
      ...["sh", "TZ=Europe/Berlin", "A=b c", "--", "/smoke", "lua", "-e", "print('a  b')"],
    ]);
  });
});
