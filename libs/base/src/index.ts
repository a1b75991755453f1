export * from './base64url.ts';
export * from './bytes.ts';
export * from './clock.ts';
export * from './errors.ts';
export * from './file-names.ts';
export * from './ids.ts';
