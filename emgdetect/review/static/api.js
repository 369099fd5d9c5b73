// The server, as functions. Addresses are relative: the page's own path carries the token.

export class Refused extends Error {
  constructor(answer, status) {
    super(answer.message || `The server answered ${status}.`);
    this.answer = answer;
    this.status = status;
  }
}

export class Gone extends Error {}

async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    throw new Gone(String(error));
  }
  if (!response.ok) {
    throw new Refused(await response.json().catch(() => ({})), response.status);
  }
  return response;
}

export const getJson = async (path) => (await ask(path)).json();

export async function postJson(path, body) {
  const response = await ask(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return response.json();
}

// Little-endian: length of the head, the head in JSON, then filtered and raw floats.
export async function getSignal(index, query) {
  const response = await ask(`api/${index}/signal?${new URLSearchParams(query)}`);
  const bytes = await response.arrayBuffer();
  const length = new DataView(bytes).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
  const n = head.n_columns;
  const floats = new Float32Array(bytes, 4 + length);
  const row = (i) => floats.subarray(i * n, (i + 1) * n);
  const k = head.channels.length;
  head.filtered = head.channels.map((_, i) => row(i));
  head.raw = head.channels.map((_, i) => row(k + i));
  return head;
}
