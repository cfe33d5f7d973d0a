import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { debianRoot } from "./peers.ts";
import { StartedCommand } from "./started-command.ts";
import { freePort } from "./world.ts";

const REGION = "eu-west-1";

/** moto, an independent server of AWS's interfaces: https://docs.getmoto.org. It holds no blobs and takes any key. */
export class Moto {
  private constructor(
    readonly host: string,
    readonly version: string,
    readonly close: () => Promise<unknown>,
  ) {}

  /** @returns undefined where Debian's packages of it cannot be had */
  static async open(): Promise<Moto | undefined> {
    const root = await debianRoot("trixie", "moto", [
      "python3-moto",
      "python3-flask",
      "python3-flask-cors",
    ]).catch(() => undefined);
    if (root === undefined) return undefined;
    const port = await freePort();
    const python = ["chroot", root, "/usr/bin/python3"];
    const serving = new StartedCommand([
      ...python,
      "-m",
      "moto.server",
      "-H",
      "127.0.0.1",
      "-p",
      String(port),
    ]);
    await serving.until("moto's word that it runs", () => /Running on/.test(serving.stderr + serving.stdout));
    const version = await readFile(join(root, "version"), "utf8");
    return new Moto(`127.0.0.1:${port}`, version, () => serving.end("SIGKILL"));
  }

  readonly region = REGION;

  /** What makes the SDK talk to it. */
  get env(): Readonly<Record<string, string>> {
    return {
      AWS_ENDPOINT_URL_ECR: `http://${this.host}`,
      AWS_ACCESS_KEY_ID: "an-id",
      AWS_SECRET_ACCESS_KEY: "a-secret",
      AWS_EC2_METADATA_DISABLED: "true",
    };
  }

  /** The lifecycle policy that it keeps, asked without the SDK: moto gives a time in it that the SDK cannot read. */
  async lifecycleOf(repositoryName: string): Promise<unknown> {
    const answer = await fetch(`http://${this.host}`, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "AmazonEC2ContainerRegistry_V20150921.GetLifecyclePolicy",
        authorization: `AWS4-HMAC-SHA256 Credential=an-id/20200101/${REGION}/ecr/aws4_request`,
      },
      body: JSON.stringify({ repositoryName }),
    });
    const { lifecyclePolicyText } = (await answer.json()) as { lifecyclePolicyText: string };
    return JSON.parse(lifecyclePolicyText);
  }
}
