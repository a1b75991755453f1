/** How many blocks a relay writes for a message (SEND, MSG, ACK and both OK), as it does under load: 1.3, since replies share them. */
export function repliesTo(message: number): number {
  return message % 10 < 3 ? 2 : 1;
}
