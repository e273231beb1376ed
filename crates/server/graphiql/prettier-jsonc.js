// A very small Prettier plug-in for JSON with comments, on top of jsonc-parser.
// GraphiQL formats its variables and headers editors with Prettier's "jsonc"
// parser; this replaces Prettier's Babel and ESTree plug-ins (about 650 kB).
import { applyEdits, format } from 'jsonc-parser';

const indent = { insertSpaces: true, tabSize: 2, eol: '\n' };

export const parsers = {
  jsonc: {
    astFormat: 'jsonc-text',
    parse: (text) => ({ text: applyEdits(text, format(text, undefined, indent)).trim() }),
    locStart: () => 0,
    locEnd: (node) => node.text.length,
  },
};

export const printers = {
  'jsonc-text': { print: (path) => (path.node.text ? `${path.node.text}\n` : '') },
};
