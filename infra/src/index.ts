/** The program of `pulumi up`: the stack is in Pulumi's configuration, `polyplex:stack`, as text of YAML, and its secrets beside it. */
import * as pulumi from '@pulumi/pulumi';
import { readStack } from './config/read.ts';
import { configuredSecrets, deploy } from './program.ts';

const config = new pulumi.Config('polyplex');
const stack = readStack(config.require('stack'));

export const outputs = await deploy(stack, await configuredSecrets(stack, config));
