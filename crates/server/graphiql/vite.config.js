import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { licenses } from './licenses.js';

const local = (name) => fileURLToPath(new URL(name, import.meta.url));

// No hashes in the names, so that the host program can embed the files under
// fixed paths; no code splitting, so that there are few of them.
const output = {
  entryFileNames: 'assets/[name].js',
  chunkFileNames: 'assets/[name].js',
  assetFileNames: 'assets/[name][extname]',
  codeSplitting: false,
};

const quiet = {
  onLog(level, log, handler) {
    // Packages marked "use client" for server rendering: of no matter here.
    if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handler(level, log);
  },
};

// Scripts and styles are same-origin: the attribute would only be noise.
const dropCrossorigin = {
  name: 'drop-crossorigin',
  enforce: 'post',
  transformIndexHtml: (html) => html.replaceAll(' crossorigin', ''),
};

const licenseList = licenses();

export default defineConfig({
  // Relative addresses: nobody knows below which path a proxy serves the page.
  base: './',
  plugins: [dropCrossorigin, licenseList.page],
  resolve: {
    alias: [
      // Only the editor features this page uses, see monaco.js.
      { find: 'monaco-editor/esm/vs/editor/edcore.main.js', replacement: local('monaco.js') },
      // A light JSON formatter, see prettier-jsonc.js.
      { find: /^prettier\/(plugins\/estree|parser-babel)$/, replacement: local('prettier-jsonc.js') },
      // One copy of Prettier's GraphQL plug-in instead of two.
      { find: /^prettier\/parser-graphql$/, replacement: 'prettier/plugins/graphql' },
    ],
  },
  worker: {
    format: 'iife',
    plugins: () => [licenseList.worker],
    rolldownOptions: { ...quiet, output },
  },
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    assetsDir: 'assets',
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: false,
    sourcemap: false,
    chunkSizeWarningLimit: 6000,
    rolldownOptions: { ...quiet, output },
  },
});
