import type { BuildRequest, Container, Engine, LocalImage } from "./engine.ts";

/** An engine of two: one builds, elsewhere maybe, and the other one runs what came of it on this machine. */
export class SplitEngine implements Engine {
  readonly name = "docker";
  readonly title: string;

  constructor(
    readonly builder: Pick<Engine, "title" | "build">,
    readonly runner: Engine,
  ) {
    this.title = `${builder.title}, and ${runner.title} to run`;
  }

  build(request: BuildRequest): Promise<void> {
    return this.builder.build(request);
  }

  open(image: LocalImage): Promise<Container> {
    return this.runner.open(image);
  }

  close(): Promise<void> {
    return this.runner.close();
  }
}
