import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Kubectl } from "../../scripts/engine/pods/kubectl.ts";
import { run, tryRun } from "../../scripts/system/process/process.ts";
import { compiledOnce, goEnvironment, PEERS } from "./peers.ts";
import { freePort } from "./world.ts";

/** Of k8s.io/kubernetes, and of the parts of it that are modules of their own. */
export const KUBERNETES = { version: "v1.36.0", parts: "v0.36.0" };
const ETCD = "v3.6.5";
const PROGRAMS = ["kube-apiserver", "kube-scheduler", "kubectl"];

/**
 * Kubernetes' own API server, scheduler and kubectl, and the etcd that they keep everything in: compiled by `make peers`,
 * which takes some ten minutes, and then kept.
 * @returns the folder of the four; undefined where they are not there and cannot be made
 */
export async function kubernetesPrograms(): Promise<string | undefined> {
  return compiledOnce(join(PEERS, `kubernetes-${KUBERNETES.version}-scheduled`), async (work) => {
    const [bin, kubernetes, etcd] = [join(work, "bin"), join(work, "kubernetes"), join(work, "etcd")];
    for (const one of [bin, kubernetes, etcd]) await mkdir(one, { recursive: true });
    const env = goEnvironment();
    await writeFile(join(kubernetes, "go.mod"), await moduleOfKubernetes(env));
    const packages = PROGRAMS.map((name) => `k8s.io/kubernetes/cmd/${name}`);
    await run(["go", "build", "-o", `${bin}/`, ...packages], { cwd: kubernetes, env });
    // Like Kubernetes it replaces modules by folders beside it, so that nobody else can install its program.
    const main = 'package main\n\nimport (\n\t"os"\n\n\t"go.etcd.io/etcd/server/v3/etcdmain"\n)\n\n';
    await writeFile(join(etcd, "main.go"), `${main}func main() { etcdmain.Main(os.Args) }\n`);
    await run(["go", "mod", "init", "etcd"], { cwd: etcd, env });
    await run(["go", "get", `go.etcd.io/etcd/server/v3@${ETCD}`], { cwd: etcd, env });
    await run(["go", "build", "-o", join(bin, "etcd"), "."], { cwd: etcd, env });
    return bin;
  });
}

/** Its parts lie in folders of its own repository: outside of that they are modules, of a version that goes with it. */
async function moduleOfKubernetes(env: Record<string, string>): Promise<string> {
  const { version, parts } = KUBERNETES;
  const { stdout } = await run(["go", "mod", "download", "-json", `k8s.io/kubernetes@${version}`], { env });
  const own = await readFile((JSON.parse(stdout) as { GoMod: string }).GoMod, "utf8");
  const replaced = [...own.matchAll(/^\t(k8s\.io\/\S+) => \.\/staging\//gm)].map(([, name]) => name);
  const lines = replaced.map((name) => `replace ${name} => ${name} ${parts}\n`);
  return `module server\n\ngo 1.26\n\nrequire k8s.io/kubernetes ${version}\n\n${lines.join("")}`;
}

/**
 * A real API server: it takes, keeps and refuses what is asked of it. Nobody looks after its Pods until there is a
 * scheduler, and on the nodes that it is told of then nothing runs.
 */
export interface KubeServer {
  /** Runs kubectl as its administrator. */
  kubectl(args: readonly string[], input?: string): ReturnType<Kubectl>;
  /** The same as a service account, `NAMESPACE:NAME`, in a namespace. */
  as(account: string, namespace: string): Kubectl;
  /** As somebody whose token it does not know. */
  stranger(namespace: string): Kubectl;
  /** Starts Kubernetes' own scheduler, which gives Pods to the nodes that there are. */
  startScheduler(): Promise<void>;
  /** Makes a node that says it is ready, and has room for so many Pods. */
  addNode(name: string, architecture: string, pods: number): Promise<void>;
  close(): Promise<void>;
}

const TOKEN = "secret";

export async function openKubeServer(programs: string): Promise<KubeServer> {
  const directory = await mkdtemp(join(tmpdir(), "birdhouse-kube-"));
  const path = (name: string) => join(directory, name);
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await writeFile(path("accounts.key"), privateKey.export({ type: "pkcs1", format: "pem" }));
  await writeFile(path("tokens.csv"), `${TOKEN},admin,1,system:masters\n`);
  const [client, peer] = [await freePort(), await freePort()].map((port) => `http://127.0.0.1:${port}`);
  const port = await freePort();
  const started: ChildProcess[] = [];
  const start = async (program: string, ...options: readonly string[]) => {
    const log = await open(path(`${program}.log`), "w");
    started.push(spawn(join(programs, program), options, { stdio: ["ignore", log.fd, log.fd] }));
    await log.close();
  };
  const kubectl = async (options: readonly string[], args: readonly string[], more: object = {}) => {
    const server = ["--server", `https://127.0.0.1:${port}`, "--insecure-skip-tls-verify"];
    const env = { HOME: directory, KUBECONFIG: path("none") };
    return tryRun([join(programs, "kubectl"), ...server, ...options, ...args], { env, ...more });
  };
  const admin = (args: readonly string[], input = "") => kubectl(["--token", TOKEN], args, { input });
  const close = async () => {
    for (const one of started.reverse()) {
      if (one.exitCode !== null) continue;
      const ended = once(one, "exit");
      one.kill("SIGKILL");
      await ended;
    }
    await rm(directory, { recursive: true, force: true });
  };
  await start(
    "etcd",
    ...["--data-dir", path("etcd"), "--unsafe-no-fsync", "--listen-client-urls", `${client}`],
    ...["--advertise-client-urls", `${client}`, "--listen-peer-urls", `${peer}`],
  );
  await start(
    "kube-apiserver",
    ...["--etcd-servers", `${client}`, "--bind-address", "127.0.0.1", "--secure-port", String(port)],
    ...["--cert-dir", path("certificates"), "--token-auth-file", path("tokens.csv")],
    ...["--service-account-key-file", path("accounts.key")],
    ...["--service-account-signing-key-file", path("accounts.key")],
    ...["--service-account-issuer", "https://kubernetes.invalid"],
    ...["--service-cluster-ip-range", "10.0.0.0/24", "--authorization-mode", "RBAC"],
  );
  for (let left = 240; (await admin(["get", "--raw", "/readyz"])).stdout !== "ok"; left--) {
    if (left === 0 || started.some(({ exitCode }) => exitCode !== null)) {
      const log = await readFile(path("kube-apiserver.log"), "utf8");
      await close();
      throw new Error(`the API server does not start: ${log.slice(-2_000)}`);
    }
    await sleep(250);
  }
  return {
    kubectl: admin,
    as(account, namespace) {
      const [, group = ""] = /^(.*):/.exec(account) ?? [];
      const groups = ["system:serviceaccounts", `system:serviceaccounts:${group}`, "system:authenticated"];
      const who = [
        ...["--as", `system:serviceaccount:${account}`],
        ...groups.flatMap((one) => ["--as-group", one]),
      ];
      return (args, options) => kubectl(["--token", TOKEN, ...who, "--namespace", namespace], args, options);
    },
    stranger: (namespace) => (args, options) =>
      kubectl(["--token", "wrong", "--namespace", namespace], args, options),
    async startScheduler() {
      const cluster = { server: `https://127.0.0.1:${port}`, "insecure-skip-tls-verify": true };
      const config = {
        ...{ apiVersion: "v1", kind: "Config", "current-context": "it" },
        clusters: [{ name: "it", cluster }],
        users: [{ name: "it", user: { token: TOKEN } }],
        contexts: [{ name: "it", context: { cluster: "it", user: "it" } }],
      };
      await writeFile(path("scheduler.json"), JSON.stringify(config));
      const own = ["--leader-elect=false", "--secure-port=0", "--kubeconfig", path("scheduler.json")];
      await start("kube-scheduler", ...own);
    },
    async addNode(name, architecture, pods) {
      const labels = { "kubernetes.io/os": "linux", "kubernetes.io/arch": architecture };
      const node = { apiVersion: "v1", kind: "Node", metadata: { name, labels } };
      const room = { cpu: "4", memory: "8Gi", "ephemeral-storage": "50Gi", pods: String(pods) };
      const status = {
        ...{ capacity: room, allocatable: room },
        conditions: [{ type: "Ready", status: "True", reason: "KubeletReady" }],
      };
      const patch = ["--subresource=status", "--type=merge", "--patch", JSON.stringify({ status })];
      for (const [args, input] of [
        [["create", "--filename", "-"], JSON.stringify(node)],
        [["patch", "node", name, ...patch], ""],
        // The API server says of a new node that it is not ready, and only who runs nodes takes that back.
        [["taint", "node", name, "node.kubernetes.io/not-ready:NoSchedule-"], ""],
      ] as const) {
        const { exitCode, output } = await admin(args, input);
        if (exitCode !== 0) throw new Error(`there is no node ${name}: ${output}`);
      }
    },
    close,
  };
}
