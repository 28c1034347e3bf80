#!/usr/bin/env node
// Starts the scan program of this machine's platform package. Nothing is
// downloaded and nothing runs at install time: npm brings the one package that
// fits, as an optional dependency.
'use strict';
const { spawnSync } = require('node:child_process');
const { constants } = require('node:os');

const name = `@keyrake/${process.platform}-${process.arch}`;
const file = process.platform === 'win32' ? 'scan.exe' : 'scan';

let program;
try {
  program = require.resolve(`${name}/${file}`);
} catch {
  console.error(`scan: the package ${name} is not installed. Install without --omit=optional; if npm has no such package, this platform needs a build from source.`);
  process.exit(3);
}
const result = spawnSync(program, process.argv.slice(2), { stdio: 'inherit', windowsHide: true });
if (result.error) {
  console.error(`scan: ${result.error.message}`);
  process.exit(3);
}
process.exit(result.signal ? 128 + constants.signals[result.signal] : result.status);
