/**
 * Makes golden bytes of Kafka's messages from Apache Kafka's own message definitions, for tests of other codecs:
 *
 *     unzip kafka-clients-4.4.0.jar 'common/message/*' -d definitions
 *     tsx infra/apache-kafka/make-golden-messages.ts definitions/common/message 0:3-11 1:4-12 … > golden-messages.txt
 *
 * Each argument after the folder is an API key and the versions wanted. Values are pseudo-random, but the same in every
 * run; tagged fields are left out. Output: lines of name, request and response, `0 Produce v3<tab>hex<tab>hex`, bodies
 * without headers.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

interface Field {
  readonly name: string;
  readonly type: string;
  readonly versions: string;
  readonly nullableVersions?: string;
  readonly taggedVersions?: string;
  readonly flexibleVersions?: string;
  readonly fields?: readonly Field[];
}

interface Message {
  readonly apiKey: number;
  readonly type: string;
  readonly name: string;
  readonly flexibleVersions: string;
  readonly fields: readonly Field[];
  readonly commonStructs?: readonly { readonly name: string; readonly fields: readonly Field[] }[];
}

/** `3+`, `1-4`, `2` or `none`. */
function includes(range: string | undefined, version: number): boolean {
  if (range === undefined || range === "none") return false;
  const [from, to] = range.endsWith("+") ? [range.slice(0, -1), "32767"] : range.split("-");
  return version >= Number(from) && version <= Number(to ?? from);
}

class GoldenWriter {
  private readonly message: Message;
  private readonly version: number;
  private readonly flexible: boolean;
  private seed: number;
  private readonly parts: Buffer[] = [];

  constructor(message: Message, version: number) {
    this.message = message;
    this.version = version;
    this.flexible = includes(message.flexibleVersions, version);
    this.seed = (message.apiKey * 100 + version) * 2 + (message.type === "request" ? 0 : 1) + 12_345;
  }

  write(): string {
    this.struct(this.message.fields);
    return Buffer.concat(this.parts).toString("hex");
  }

  private random(below: number): number {
    this.seed = (Math.imul(this.seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (this.seed >>> 8) % below;
  }

  private int(bytes: number, value: number): void {
    const buffer = Buffer.alloc(bytes);
    buffer.writeIntBE(value, Math.max(0, bytes - 6), Math.min(bytes, 6));
    this.parts.push(buffer);
  }

  private uvarint(value: number): void {
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) this.parts.push(Buffer.of((rest & 0x7f) | 0x80));
    this.parts.push(Buffer.of(rest));
  }

  private length(value: number, bytes: number): void {
    if (this.flexible) this.uvarint(value + 1);
    else this.int(bytes, value);
  }

  private struct(fields: readonly Field[]): void {
    for (const field of fields) {
      if (!includes(field.versions, this.version) || includes(field.taggedVersions, this.version)) continue;
      this.field(field);
    }
    if (this.flexible) this.uvarint(0);
  }

  private field(field: Field): void {
    // Null records are allowed, and sent by nobody: librdkafka takes them for an error.
    const mayBeNull = includes(field.nullableVersions, this.version) && field.type !== "records";
    const isNull = mayBeNull && this.random(4) === 0;
    if (!field.type.startsWith("[]")) {
      this.value(field, field.type, isNull);
      return;
    }
    const count = isNull ? -1 : 1 + this.random(2);
    this.length(count, 4);
    for (let i = 0; i < count; i++) this.value(field, field.type.slice(2), false);
  }

  private value(field: Field, type: string, isNull: boolean): void {
    if (type === "bool") this.int(1, this.random(2));
    else if (type === "int8") this.int(1, this.random(128));
    else if (type === "int16") this.int(2, this.random(32_768));
    else if (type === "int32") this.int(4, this.random(0x7f_ffff));
    else if (type === "int64") this.int(8, this.random(0x7f_ffff) * 0x100_0000 + this.random(0x100_0000));
    else if (type === "uuid")
      this.parts.push(Buffer.from(Array.from({ length: 16 }, () => this.random(256))));
    else if (type === "string") this.text(isNull, 2);
    else if (type === "bytes" || type === "records") this.text(isNull, 4);
    else this.struct(field.fields ?? this.commonStruct(type));
  }

  private text(isNull: boolean, lengthBytes: number): void {
    const text = isNull
      ? ""
      : Array.from({ length: 1 + this.random(8) }, () => String.fromCharCode(97 + this.random(26))).join("");
    this.length(isNull ? -1 : text.length, lengthBytes);
    this.parts.push(Buffer.from(text));
  }

  private commonStruct(name: string): readonly Field[] {
    const found = this.message.commonStructs?.find((struct) => struct.name === name);
    if (!found) throw new Error(`Expected a known type in ${this.message.name}, got ${name}`);
    return found.fields;
  }
}

const [folder, ...wanted] = process.argv.slice(2);
if (folder === undefined) throw new Error("Expected the folder of the message definitions, got nothing");
const messages = readdirSync(folder)
  .filter((file) => /(Request|Response)\.json$/.test(file))
  .map((file): Message => JSON.parse(readFileSync(join(folder, file), "utf8").replace(/^\s*\/\/.*$/gm, "")));
for (const argument of wanted) {
  const [key, versions] = argument.split(":");
  const [from, to] = (versions ?? "").split("-").map(Number);
  const find = (type: string): Message => messages.find((m) => m.apiKey === Number(key) && m.type === type)!;
  for (let version = from!; version <= to!; version++) {
    const name = `${key} ${find("request").name.replace(/Request$/, "")} v${version}`;
    const bodies = [find("request"), find("response")].map((message) =>
      new GoldenWriter(message, version).write(),
    );
    process.stdout.write(`${[name, ...bodies].join("\t")}\n`);
  }
}
