/** Certificates made for one run of the tests, by openssl. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Certificate {
  readonly cert: string;
  readonly key: string;
  /** Both in one file, as Kafka's PEM keystores have them. */
  readonly keystore: string;
}

export interface Authority {
  /** File of its own certificate. */
  readonly ca: string;
  issue(name: string, options: { subject: string; names?: string; expired?: boolean }): Certificate;
}

/** The key in a file of its own beside it, encrypted by `passphrase`; returns that file's name. */
export function encryptKey({ key }: Certificate, passphrase: string): string {
  const encrypted = `${key}.encrypted`;
  const args = ["pkcs8", "-topk8", "-in", key, "-out", encrypted, "-passout", `pass:${passphrase}`];
  execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
  return encrypted;
}

/** An authority whose files are in `folder`. */
export function createAuthority(folder: string, name: string): Authority {
  const file = (of: string): string => join(folder, `${name}-${of}`);
  const openssl = (...args: string[]): void => {
    execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
  };
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const [ca, caKey] = [file("ca.pem"), file("ca.key")];
  openssl("req", "-x509", ...newKey, "-keyout", caKey, "-out", ca, "-days", "2", "-subj", `/CN=${name}`);
  return {
    ca,
    issue(of, { subject, names, expired = false }) {
      const [cert, key, request, extensions] = ["pem", "key", "csr", "ext"].map((end) =>
        file(`${of}.${end}`),
      ) as [string, string, string, string];
      openssl("req", "-new", ...newKey, "-keyout", key, "-out", request, "-subj", `/CN=${subject}`);
      writeFileSync(extensions, names === undefined ? "" : `subjectAltName=${names}\n`);
      openssl(
        ...["x509", "-req", "-in", request, "-CA", ca, "-CAkey", caKey, "-CAcreateserial"],
        ...["-out", cert, "-extfile", extensions, "-days", expired ? "-1" : "2"],
      );
      const keystore = file(`${of}.keystore.pem`);
      writeFileSync(keystore, readFileSync(key, "utf8") + readFileSync(cert, "utf8"));
      return { cert, key, keystore };
    },
  };
}
