/** The Moddable manifests against the sources: what is not listed there would quietly run from RAM, or not be found. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

interface Manifest {
  readonly include?: string[];
  readonly creation?: Record<string, number | string | Record<string, number>>;
  readonly modules: Record<string, string | string[]>;
  readonly preload: string[];
  readonly typescript?: { readonly tsconfig: { readonly compilerOptions: Record<string, unknown> } };
}

const read = (path: string): Manifest => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
const top = read('manifest.json');
const hosts = readdirSync(join(ROOT, 'hosts')).filter((host) => existsSync(join(ROOT, 'hosts', host, 'manifest.json')));

function sourcesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .map((file) => posix.join(folder, file.slice(0, -'.ts'.length)));
}

/** The source below the root that a module of a manifest is made of; undefined where it is the SDK's. */
function sourceOf(manifest: string, target: string, modules: Manifest['modules']): string | undefined {
  const folder = dirname(manifest);
  for (const [key, values] of Object.entries(modules)) {
    for (const value of [values].flat()) {
      if (value.startsWith('$')) continue;
      const prefix = key.endsWith('*') ? key.slice(0, -1) : key;
      if (key.endsWith('*') ? !target.startsWith(prefix) : key !== target) continue;
      const rest = target.slice(prefix.length);
      const path = posix.join(folder, value.endsWith('*') ? value.slice(0, -1) + rest : value);
      const isNamed = value.endsWith('*') || !key.endsWith('*') || posix.basename(value) === rest;
      for (const extension of ['.ts', '.js']) if (isNamed && existsSync(join(ROOT, path + extension))) return path;
    }
  }
  return undefined;
}

/** Every module of ours that a manifest names, and its source. */
function modulesOf(manifest: string, modules: Manifest['modules']): Map<string, string> {
  const folder = dirname(manifest);
  const found = new Map<string, string>();
  for (const [key, values] of Object.entries(modules)) {
    if (key === '~') continue;
    for (const value of [values].flat()) {
      if (value.startsWith('$')) continue;
      const path = posix.join(folder, value);
      const sources = path.endsWith('/*') ? filesIn(path.slice(0, -2)) : [path];
      for (const source of sources) found.set(key.replace('*', posix.basename(source)), source);
    }
  }
  return found;
}

function filesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder))
    .filter((file) => /(?<!\.d)\.[jt]s$/.test(file))
    .map((file) => posix.join(folder, file.slice(0, -'.ts'.length)));
}

/** Modules of ours that a source imports, types apart. */
function importsOf(source: string, module: string): string[] {
  const path = join(ROOT, `${source}.ts`);
  if (!existsSync(path)) return [];
  const statements = readFileSync(path, 'utf8').matchAll(
    /^(?:import|export)(?! type\b)[^;']*? from '(\.[^']*)\.js';$/gms,
  );
  return [...statements].map(([, target]) => posix.join(posix.dirname(module), target));
}

test('every module of the firmware is preloaded, so that it runs from flash', (t) => {
  t.deepEqual(top.preload, sourcesBelow('modules').sort());
});

test('the key of every module is its path, so that relative imports resolve on Node and on XS alike', (t) => {
  for (const path of [...sourcesBelow('modules'), 'main']) t.is(sourceOf('manifest.json', path, top.modules), path);
});

test('private names stay private names: lowered to WeakMaps, they would be written in ROM', (t) => {
  t.is(top.typescript?.tsconfig.compilerOptions.target, 'ES2022');
});

test('the machine never grows: every increment is 0', (t) => {
  const { creation } = top;
  for (const part of ['chunk', 'heap', 'keys'] as const) t.like(creation?.[part], { incremental: 0 }, part);
});

for (const host of hosts) {
  const path = `hosts/${host}/manifest.json`;
  const { modules, preload, creation } = read(path);

  test(`${path}: what its modules import is among them`, (t) => {
    const included = ['manifest.json', 'hosts/keys/manifest.json'].map((name) => modulesOf(name, read(name).modules));
    const known = new Map([...included.flatMap((found) => [...found]), ...modulesOf(path, modules)]);
    for (const [module, source] of known)
      for (const target of importsOf(source, module)) t.true(known.has(target), `${source} imports ${target}`);
    t.true(known.size > 100);
  });

  test(`${path}: what it preloads is there, by name`, (t) => {
    for (const target of preload ?? []) {
      t.false(target.includes('*'), `${target}: mcconfig expands no pattern of TypeScript modules`);
      if (target.startsWith('hosts/')) t.truthy(sourceOf(path, target, modules), target);
    }
    for (const [part, value] of Object.entries(creation ?? {}))
      if (typeof value === 'object' && 'incremental' in value) t.is(value.incremental, 0, part);
  });
}
