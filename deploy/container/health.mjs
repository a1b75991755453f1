/**
 * The health check of the image: asks the servers of this container whether they are ready, at the admin ports that they
 * have by default or by environment. A port that nobody listens on is that of a server that does not run here. Exit status 0
 * when at least one server answers and all that do are ready, else 1, with the reasons.
 */
const PORTS = { POLYPLEX_ADMIN_PORT: 8080, POLYPLEX_XFTP_ADMIN_PORT: 8180, POLYPLEX_NTF_ADMIN_PORT: 8280, POLYPLEX_BOT_ADMIN_PORT: 8380 };
const TIMEOUT_MS = 3000;

/** Null for a server that does not run; else whether it is ready. */
async function isReady(port) {
  try {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    console.log(`${port}: ${(await answer.text()).trim().slice(0, 500)}`);
    return answer.ok;
  } catch (error) {
    if (error.cause?.code === 'ECONNREFUSED') return null;
    console.log(`${port}: ${error.message}`);
    return false;
  }
}

const { env } = process;
const answers = await Promise.all(Object.entries(PORTS).map(([name, port]) => isReady(env[name] ?? port)));
const running = answers.filter((answer) => answer !== null);
if (running.length === 0) console.log('no server of this container answers yet');
process.exitCode = running.length > 0 && running.every(Boolean) ? 0 : 1;
