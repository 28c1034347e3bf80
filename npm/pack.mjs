// Makes the npm packages of a release out of built programs:
//
//	node npm/pack.mjs VERSION DIST OUT
//
// DIST holds PLATFORM-ARCH/scan (scan.exe on windows), named as Go names them.
// OUT gets one package folder for each of them and one for the launcher, ready
// for "npm pack" or "npm publish". No package has an install script.
import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const systems = { linux: 'linux', darwin: 'darwin', windows: 'win32' };
const processors = { amd64: 'x64', arm64: 'arm64' };

function fail(text) {
  console.error(`pack: ${text}`);
  process.exit(2);
}

const [version, dist, out] = process.argv.slice(2);
if (!out || !/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version)) {
  fail('usage: node npm/pack.mjs VERSION DIST OUT, with a version such as 1.2.3');
}

const launcher = JSON.parse(readFileSync(join(here, 'keyrake/package.json'), 'utf8'));
const optional = {};
for (const target of readdirSync(dist).sort()) {
  const [goos, goarch] = target.split('-');
  const os = systems[goos];
  const cpu = processors[goarch];
  if (!os || !cpu || !statSync(join(dist, target)).isDirectory()) fail(`${join(dist, target)} is not a folder PLATFORM-ARCH`);
  const file = os === 'win32' ? 'scan.exe' : 'scan';
  const name = `@keyrake/${os}-${cpu}`;
  const folder = join(out, `${os}-${cpu}`);
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(dist, target, file), join(folder, file));
  chmodSync(join(folder, file), 0o755);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({
    name, version, description: `scan for ${os} on ${cpu}`, license: launcher.license, os: [os], cpu: [cpu], files: [file], preferUnplugged: true,
  }, null, 2) + '\n');
  optional[name] = version;
}
if (Object.keys(optional).length === 0) fail(`${dist} holds no programs`);
cpSync(join(here, 'keyrake'), join(out, 'keyrake'), { recursive: true });
writeFileSync(join(out, 'keyrake/package.json'), JSON.stringify({ ...launcher, version, optionalDependencies: optional }, null, 2) + '\n');
