// Vite plug-in: writes LICENSES.txt for the packages that end up in the bundle.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const rule = '-'.repeat(78);

export function licenses() {
  const dirs = new Set();
  const generateBundle = (_options, bundle) => {
    for (const chunk of Object.values(bundle)) {
      for (const id of Object.keys(chunk.modules ?? {})) {
        const match = id.match(/^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//);
        if (match && existsSync(join(match[1], 'package.json'))) dirs.add(match[1]);
      }
    }
  };

  function write() {
    const packages = new Map();
    for (const dir of dirs) {
      const { name, version, license } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
      const file = readdirSync(dir).find((entry) => /^licen[cs]e(\.\w+)?$/i.test(entry));
      const text = file ? readFileSync(join(dir, file), 'utf8').replace(/\r/g, '').trim() : '';
      packages.set(`${name} ${version}`, { license, text });
    }
    const names = [...packages.keys()].sort((a, b) => (a < b ? -1 : 1));
    const byText = new Map();
    for (const name of names) {
      const { license, text } = packages.get(name);
      const key = text || `Distributed under the ${license} licence; the package carries no licence file of its own.`;
      byText.set(key, [...(byText.get(key) ?? []), name]);
    }
    const notices = readFileSync(new URL('node_modules/monaco-editor/ThirdPartyNotices.txt', import.meta.url), 'utf8');
    return [
      'Third-party software in this GraphiQL build',
      '',
      ...names.map((name) => `  ${name}  (${packages.get(name).license})`),
      '',
      'assets/codicon.ttf is the Codicons font as shipped in monaco-editor; the icons',
      'are (c) Microsoft, CC BY 4.0, https://github.com/microsoft/vscode-codicons',
      '',
      ...[...byText].flatMap(([text, users]) => [rule, ...users, rule, '', text, '']),
      rule,
      'monaco-editor: ThirdPartyNotices.txt',
      rule,
      '',
      notices.replace(/\r/g, '').trim(),
      '',
    ].join('\n');
  }

  return {
    worker: { name: 'licenses-worker', generateBundle },
    page: {
      name: 'licenses',
      generateBundle(options, bundle) {
        generateBundle(options, bundle);
        this.emitFile({ type: 'asset', fileName: 'LICENSES.txt', source: write() });
      },
    },
  };
}
