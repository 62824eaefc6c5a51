import js from "@eslint/js";
import reactHooks from "eslint-plugin-react-hooks";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

/** Telemetry is hostile: whatever turns a string into markup or code is out. */
const noMarkupFromStrings = [
  { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: "text nodes only: telemetry is hostile" },
  { selector: "MemberExpression[property.name=/^(innerHTML|outerHTML|insertAdjacentHTML|srcdoc)$/]", message: "text nodes only: telemetry is hostile" },
];

const noFetch = { name: "fetch", message: "api/http.ts is the only place that talks to the server" };
const noReact = { group: ["react", "react-dom", "@mantine/*", "@tanstack/*"], message: "model/ and lib/ are pure: no React, no kit" };

export default defineConfig(
  globalIgnores(["dist", "src/api/schema.ts"]),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  reactHooks.configs.flat.recommended,
  {
    files: ["**/*.{ts,tsx,mjs}"],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "no-restricted-syntax": ["error", ...noMarkupFromStrings],
      "no-restricted-globals": ["error", noFetch],
      "max-lines": ["error", { max: 600 }],
      "max-lines-per-function": ["error", { max: 70, skipBlankLines: true, skipComments: true }],
      "max-params": ["error", 4],
      "@typescript-eslint/consistent-type-definitions": ["error", "interface"],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
    },
  },
  { files: ["src/model/**", "src/lib/**"], rules: { "no-restricted-imports": ["error", { patterns: [noReact] }] } },
  { files: ["src/api/http.ts"], rules: { "no-restricted-globals": "off" } },
  // Node runs these as they are, so their types and casts are in comments. The compiler reads those; eslint does not.
  { files: ["e2e/**"], rules: { "no-undef": "off", "@typescript-eslint/no-unsafe-assignment": "off" } },
  { files: ["**/*.test.ts"], rules: { "max-lines-per-function": "off" } },
  { files: ["**/*.js"], extends: [tseslint.configs.disableTypeChecked] },
);
