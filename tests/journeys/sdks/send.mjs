// Sends the event of the standard input with the official SDK of JavaScript: node send.mjs URL MODE
import { readFileSync } from "node:fs";
import { CloudEvent, Mode, emitterFor, httpTransport } from "cloudevents";

const [url, mode] = process.argv.slice(2);
const emit = emitterFor(httpTransport(url), { mode: Mode[mode.toUpperCase()] });
await emit(new CloudEvent(JSON.parse(readFileSync(0, "utf8"))));
