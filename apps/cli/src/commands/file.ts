/** `polyplex file`: sends and receives files by way of file servers, compatible with the apps and the reference's `xftp` command. */
import { MAX_RECIPIENTS } from '@polyplex/client';
import { Command, InvalidArgumentError } from 'commander';
import { withConfigOptions } from '../config-options.ts';
import { deleteSent } from '../files/delete.ts';
import { info } from '../files/info.ts';
import { receive } from '../files/receive.ts';
import { send } from '../files/send.ts';
import { serverArgument } from '../files/servers-to-use.ts';
import { withTransferOptions } from '../files/transfer-flags.ts';

const HELP = `
Files are encrypted here; servers see neither their content nor their names. More: docs/file-transfer.md.

Examples:
  polyplex file send photo.jpg --server "$(polyplex address --only xftp)"
  polyplex file receive photo.jpg.xftp/rcv1.xftp --out ~/Downloads
  polyplex file receive 'simplex:/file#/?desc=…' --out ~/Downloads
  polyplex file delete photo.jpg.xftp/snd.xftp.private`;

const SEND_HELP = `
Without --server, by the file server of the configuration here. With several servers each chunk goes to any of them.
Makes FILE.xftp/ with rcv1.xftp … for the recipients, and snd.xftp.private, which deletes the file. Until then there is
FILE.xftp.part: an interrupted sending goes on with --resume, which keeps servers and recipients as they were.

Examples:
  polyplex file send photo.jpg
  polyplex file send video.mp4 --recipients 3 --server xftp://<fingerprint>:<password>@files.example.org
  polyplex file send video.mp4 --resume`;

const RECEIVE_HELP = `
Give the description file, or a link in quotes: simplex:/file#… or https://…#…
A file that exists is never written over: the new one is called name_1. An interrupted download goes on when the same
command is run again. Afterwards the description is of no use, unless --keep is given.

Examples:
  polyplex file receive rcv1.xftp
  polyplex file receive 'https://files.example.org/#XY…' --out ~/Downloads`;

const DELETE_HELP = `
Example:
  polyplex file delete photo.jpg.xftp/snd.xftp.private`;

const INFO_HELP = `
Asks no server.

Example:
  polyplex file info rcv1.xftp
  polyplex file info --ids rcv1.xftp    (then, by the server's operator: polyplex xftp block <id>)`;

const GIVEN = 'a description file, or a link';

function recipientsArgument(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > MAX_RECIPIENTS) throw new InvalidArgumentError(`a number from 1 to ${MAX_RECIPIENTS} is needed`);
  return value;
}

function sendCommand(): Command {
  return withTransferOptions(withConfigOptions(new Command('send')))
    .description('encrypt and upload a file')
    .argument('<file>', 'what to send')
    .option('--server <address>', 'file server to send by; may be repeated', serverArgument, [])
    .option('-n, --recipients <number>', 'how many recipients; each gets a description of his own', recipientsArgument, 1)
    .option('--out <folder>', 'where the descriptions go', '.')
    .option('--resume', 'go on with a sending that was interrupted')
    .option('--no-links', 'make description files only: for long descriptions, links take small files of their own')
    .addHelpText('after', SEND_HELP)
    .action(send);
}

function receiveCommand(): Command {
  return withTransferOptions(new Command('receive'))
    .description('download and decrypt a file')
    .argument('<description>', GIVEN)
    .option('--out <folder>', 'where the file goes', '.')
    .option('--keep', 'leave the file on its servers, to be received with this description again')
    .option('-y, --yes', 'delete the description file afterwards without asking')
    .addHelpText('after', RECEIVE_HELP)
    .action(receive);
}

function deleteCommand(): Command {
  return withTransferOptions(new Command('delete'))
    .description('delete a file from its servers, for all recipients')
    .argument('<sender-description>', 'snd.xftp.private, which sending made')
    .option('-y, --yes', 'delete the description file afterwards without asking')
    .addHelpText('after', DELETE_HELP)
    .action(deleteSent);
}

function infoCommand(): Command {
  return new Command('info')
    .description('say what a description is of')
    .argument('<description>', GIVEN)
    .option('--ids', 'list the ids of the chunks, too, by which an operator blocks them')
    .addHelpText('after', INFO_HELP)
    .action(info);
}

export function fileCommand(): Command {
  return new Command('file')
    .description('send and receive files')
    .addCommand(sendCommand())
    .addCommand(receiveCommand())
    .addCommand(deleteCommand())
    .addCommand(infoCommand())
    .addHelpText('after', HELP);
}
