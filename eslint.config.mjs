/**
 * Lint rules of the whole workspace: strict typed rules, sizes that keep a file in a head, and the architecture itself
 * (layers, owners of modules, no circles). A rule is an error or it is off; a warning would be read by nobody.
 */
import js from '@eslint/js';
import { createProjectGraphAsync } from '@nx/devkit';
import nx from '@nx/eslint-plugin';
import importX from 'eslint-plugin-import-x';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import tseslint from 'typescript-eslint';
import { productionConstraints, testConstraints } from './tools/lint/layers.ts';
import { restrictedImportConfigs } from './tools/lint/restricted-imports.ts';

// The boundary rule reads the graph that Nx cached and says nothing when there is none: make one, and a fresh one.
await createProjectGraphAsync({ exitOnError: true });

const TESTS = [
  '**/{test,bench}/**/*.ts',
  '**/*.{spec,long}.ts',
  'libs/{testing,store/conformance}/**/*.ts',
  'apps/e2e/**/*.ts',
];
const ENVIRONMENT = { object: 'process', property: 'env', message: 'The environment is read once, in libs/config.' };

const boundaries = (depConstraints, ignoredCircularDependencies = []) => [
  'error',
  { depConstraints, ignoredCircularDependencies, enforceBuildableLibDependency: false, allow: [] },
];

const typedRules = {
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
  '@typescript-eslint/no-unused-vars': [
    'error',
    { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_' },
  ],
  // `return done();` is the shortest early exit, and `async () => void (await step())` says that the value is dropped.
  '@typescript-eslint/no-confusing-void-expression': 'off',
  '@typescript-eslint/no-meaningless-void-operator': 'off',
  // Spread is how an ASCII constant becomes a list of its letters; maps, promises and functions stay errors.
  '@typescript-eslint/no-misused-spread': ['error', { allow: [{ from: 'lib', name: 'string' }] }],
  // With unchecked indexes typed `T | undefined`, `bytes[i]!` inside a checked loop is the plain way to say it.
  '@typescript-eslint/no-non-null-assertion': 'off',
  // It believes a state tested before an `await`; here such a state may change meanwhile, and must be tested again.
  '@typescript-eslint/no-unnecessary-condition': 'off',
  // A codec of no value is a `Codec<void>`, and its value takes part in conditional types.
  '@typescript-eslint/no-invalid-void-type': 'off',
  // An `async` method without `await` turns what it throws into a rejection, as the contracts promise.
  '@typescript-eslint/require-await': 'off',
};

const sizes = {
  'max-lines': ['error', { max: 300 }],
  'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
  'max-params': ['error', { max: 4 }],
  // A table of commands is one decision, however many rows it has.
  complexity: ['error', { max: 10, variant: 'modified' }],
};

const SILENT_CATCH = {
  selector: 'CatchClause[param=null] > BlockStatement[body.length=0]',
  message: 'Name the error, or say what was thrown by returning something.',
};

const STRINGLY_ERROR = {
  selector: 'ThrowStatement > NewExpression[callee.name="Error"]',
  message: 'Libraries throw errors with a stable code.',
};

const habits = {
  eqeqeq: 'error',
  'no-console': 'error',
  'no-restricted-properties': ['error', ENVIRONMENT],
  'no-restricted-syntax': ['error', SILENT_CATCH],
  'import-x/no-cycle': ['error', { ignoreExternal: true }],
  'import-x/no-default-export': 'error',
};

export default tseslint.config(
  { ignores: ['**/node_modules/', 'dist/', 'data/', 'coverage/', '**/.*/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [js.configs.recommended, tseslint.configs.strictTypeChecked],
    plugins: { 'import-x': importX, '@nx': nx },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: { 'import-x/extensions': ['.ts', '.mjs'], 'import-x/resolver-next': [createTypeScriptImportResolver()] },
    rules: { ...typedRules, ...sizes, ...habits, '@nx/enforce-module-boundaries': boundaries(productionConstraints) },
  },
  ...restrictedImportConfigs,
  { files: ['libs/**/src/**/*.ts'], rules: { 'no-restricted-syntax': ['error', SILENT_CATCH, STRINGLY_ERROR] } },
  { files: ['libs/config/**/*.ts'], rules: { 'no-restricted-properties': 'off' } },
  {
    files: ['libs/nest/**/*.ts'],
    rules: {
      // A Nest module is a class without members, whatever decorates it; Nest's options are classes by name only.
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
    },
  },
  { files: ['apps/cli/**/*.ts', 'tools/**/*.ts', 'bench/**/*.ts'], rules: { 'no-console': 'off' } },
  { files: ['*.config.ts'], rules: { 'import-x/no-default-export': 'off' } },
  {
    files: TESTS,
    rules: {
      '@nx/enforce-module-boundaries': boundaries(testConstraints, [['*', '*']]),
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/unbound-method': 'off',
      'max-lines-per-function': 'off',
      'max-params': 'off',
      complexity: 'off',
      'no-console': 'off',
      'no-restricted-imports': 'off',
      'no-restricted-properties': 'off',
      'no-restricted-syntax': 'off',
    },
  },
);
