import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { openMirror } from "../../sandbox/index.ts";
import { run } from "../../scripts/system/process/process.ts";
import { unmountBelow } from "../../scripts/system/state/run-folder.ts";
import { SOAK } from "../support/soak.ts";
import { PROJECT_STATE, World } from "../support/world.ts";

/** A program with one dependency, and the commands that a person types to get that and to run it. */
interface App {
  readonly branch: string;
  readonly packages: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  readonly commands: readonly string[];
  /** A line that the last of these commands prints. */
  readonly output: string;
}

const GO_SUM = `github.com/google/uuid v1.6.0 h1:NIvaJDMOsjHA8n1jAhLSgzrAzy1Hgr+hNrb57e+94F0=
github.com/google/uuid v1.6.0/go.mod h1:TIyPZe4MgqvfeYDBFedMoGGpEw/LqOeaOT+nhxU+yHo=
`;

const CARGO_LOCK = `version = 3

[[package]]
name = "app"
version = "0.1.0"
dependencies = ["hex"]

[[package]]
name = "hex"
version = "0.4.3"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "7f24254aa9a54b5c858eaee2f5bccdb46aaf0e486a595ed5fd8f86ba55232a70"
`;

const APPS: Readonly<Record<string, App>> = {
  npm: {
    branch: "3.24",
    packages: ["nodejs", "npm"],
    files: {
      "package.json": '{ "name": "app", "private": true, "dependencies": { "ms": "^2.1.3" } }',
      "index.js": 'console.log(require("ms")(3600000, { long: true }));',
    },
    commands: ["npm install", "npm ci", "node index.js"],
    output: "1 hour",
  },
  pip: {
    branch: "3.24",
    packages: ["python3", "py3-pip"],
    files: {
      "requirements.txt": "inflection>=0.3.1\n",
      "main.py": 'import inflection\nprint(inflection.pluralize("octopus"))\n',
    },
    commands: ["pip install --target . -r requirements.txt", "python3 main.py"],
    output: "octopi",
  },
  bundler: {
    branch: "3.21",
    packages: ["ruby", "ruby-bundler"],
    files: {
      Gemfile: 'source "https://rubygems.org"\ngem "mustache", "~> 1.1"\n',
      "main.rb": 'require "mustache"\nputs Mustache.render("hello, {{name}}", name: "bird")\n',
    },
    commands: ["bundle install", "bundle exec ruby main.rb"],
    output: "hello, bird",
  },
  cpanm: {
    branch: "3.24",
    packages: ["perl", "perl-app-cpanminus", "perl-dev", "make", "wget"],
    files: {
      cpanfile: 'requires "Time::Duration", "1.21";\n',
      "main.pl": 'use Time::Duration;\nprint duration(3661), "\\n";\n',
    },
    commands: ["cpanm --installdeps .", "perl main.pl"],
    output: "1 hour and 1 minute",
  },
  luarocks: {
    branch: "3.24",
    packages: ["lua5.4", "lua5.4-dev", "luarocks5.4", "curl", "openssl"],
    files: { "main.lua": 'print(require("inspect")({ 1, 2 }))\n' },
    commands: ["luarocks-5.4 install inspect", "lua5.4 main.lua"],
    output: "{ 1, 2 }",
  },
  go: {
    branch: "3.24",
    packages: ["go"],
    files: {
      "go.mod": "module example.com/app\n\ngo 1.19\n\nrequire github.com/google/uuid v1.6.0\n",
      // As the public checksum database has it: what is served is what everybody else gets.
      "go.sum": GO_SUM,
      "main.go": `package main

import (
	"fmt"

	"github.com/google/uuid"
)

func main() { fmt.Println(uuid.NewSHA1(uuid.NameSpaceDNS, []byte("example.com"))) }
`,
    },
    commands: ["go mod download", "go mod verify", "go build -o app .", "./app"],
    output: "cfbff0d1-9375-5685-968c-48ce8b15ae17",
  },
  composer: {
    branch: "3.24",
    packages: ["php84", "composer"],
    files: {
      "composer.json": '{ "require": { "doctrine/inflector": "^2.0" } }',
      "main.php": `<?php
require "vendor/autoload.php";
echo Doctrine\\Inflector\\InflectorFactory::create()->build()->pluralize("bird"), "\\n";
`,
    },
    commands: ["composer install", "php84 main.php"],
    output: "birds",
  },
  rebar3: {
    branch: "3.22",
    packages: ["erlang27", "rebar3"],
    files: {
      "rebar.config": '{deps, [{bbmustache, "1.12.2"}]}.\n',
      "src/app.app.src": '{application, app, [{description, "an app"}, {vsn, "1"}]}.\n',
      "src/app.erl": `-module(app).
-export([main/0]).
main() -> io:put_chars([bbmustache:render(<<"hello, {{name}}">>, #{"name" => "bird"}), "\\n"]).
`,
    },
    commands: ["rebar3 compile", `erl -noshell -pa _build/default/lib/*/ebin -eval "app:main(), halt()."`],
    output: "hello, bird",
  },
  mix: {
    branch: "3.22",
    packages: ["elixir"],
    files: {
      "mix.exs": `defmodule App.MixProject do
  use Mix.Project
  def project, do: [app: :app, version: "1.0.0", deps: [{:nimble_parsec, "~> 1.4"}]]
end
`,
      "lib/app.ex": `defmodule App do
  import NimbleParsec
  defparsec :year, integer(4)
  def main, do: IO.inspect(elem(year("2026-11-23"), 1))
end
`,
    },
    commands: ["mix local.hex --force --if-missing", "mix deps.get", "mix run -e 'App.main()'"],
    output: "[2026]",
  },
  cargo: {
    branch: "3.24",
    packages: ["cargo", "rust"],
    files: {
      "Cargo.toml":
        '[package]\nname = "app"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nhex = "0.4"\n',
      "Cargo.lock": CARGO_LOCK,
      "src/main.rs": 'fn main() { println!("{}", hex::encode("bird")); }\n',
    },
    commands: ["cargo build --locked", "target/debug/app"],
    output: "62697264",
  },
};

/** Whose example has the same dependency: test/full/catalog.test.ts follows its README. */
const IN_EXAMPLES = new Set(["pip", "cpanm", "go", "composer"]);

describe("the languages' own registries, with their own tools", () => {
  let world: World;
  let closeMirror: () => Promise<void>;
  let store: string;

  beforeAll(async () => {
    world = await World.open("");
    await world.startRegistry();
    const { registryHost: registry, mirrorPort } = world;
    closeMirror = await openMirror({ state: world.path("state"), registry, mirrorPort, note: () => {} });
    store = await mkdtemp(join(tmpdir(), "birdhouse-registries-"));
  });
  afterAll(async () => {
    await unmountBelow(store);
    await rm(store, { recursive: true, force: true });
    await closeMirror();
    await world.close();
  });

  for (const [client, app] of Object.entries(APPS)) {
    if (IN_EXAMPLES.has(client) && !SOAK) continue;
    it(`${client}: gets a dependency as anywhere else, and the program uses it`, async (context) => {
      const missing = await missingPackages(app);
      context.skip(missing.length > 0, `the mirror's v${app.branch} has no ${missing.join(", ")}`);
      const folder = await writeApp(join(store, client), app, world);
      await run([
        ...["buildah", "--root", join(store, "root"), "--runroot", join(store, "run")],
        ...["build", "--isolation", "chroot", "--tls-verify=false", "--layers=false", folder],
      ]);
    });
  }
});

/** The packages that the branch lacks: a sandbox has the quick languages, and others only when asked for. */
async function missingPackages({ branch, packages }: App): Promise<string[]> {
  const directory = join(PROJECT_STATE, "sandbox/mirror", `v${branch}`);
  const files = await readdir(directory, { recursive: true });
  const names = new Set(files.map((file) => /([^/]+)-[^-]+-r\d+\.apk$/.exec(file)?.[1]));
  return packages.filter((name) => !names.has(name));
}

async function writeApp(folder: string, app: App, { registryHost, mirrorPort }: World): Promise<string> {
  const mirror = `http://127.0.0.1:${mirrorPort}/v${app.branch}`;
  // What was printed is compared in the container: on a busy machine buildah may lose the last of it on its way out.
  const asExpected = `{ cat /tmp/printed; grep -qxF '${app.output}' /tmp/printed; }`;
  const dockerfile = [
    `FROM ${registryHost}/sandbox/alpine:${app.branch}`,
    `RUN printf '%s\\n' ${mirror}/main ${mirror}/community > /etc/apk/repositories`,
    `RUN apk add --no-cache ${app.packages.join(" ")}`,
    "WORKDIR /usr/src/app",
    "COPY . .",
    ...app.commands.slice(0, -1).map((command) => `RUN ${command}`),
    `RUN ${app.commands.at(-1)} > /tmp/printed && ${asExpected}`,
  ];
  for (const [name, text] of Object.entries({ ...app.files, Dockerfile: `${dockerfile.join("\n")}\n` })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}
