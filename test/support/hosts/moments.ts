import { SshHost } from "../../../platforms/universal/hosts/sshHost";

/** Before which of the changes on a host something happens to it, or while its programs come there. */
export type Moment = number | "upload";

/** Does something to a host once, in a moment of what is done there. */
export async function when<T>(moment: Moment, happens: () => void, work: () => Promise<T>): Promise<T> {
  const { run, upload } = SshHost.prototype;
  let left = moment === "upload" ? Infinity : moment;
  SshHost.prototype.run = function (argv, options = {}) {
    if (options.changes && left-- === 0) happens();
    return run.call(this, argv, options);
  };
  SshHost.prototype.upload = function (file, to) {
    if (moment === "upload") setTimeout(happens, 300);
    return upload.call(this, file, to);
  };
  try {
    return await work();
  } finally {
    Object.assign(SshHost.prototype, { run, upload });
  }
}

/** How many changes on hosts something makes. */
export async function changesOf(work: () => Promise<unknown>): Promise<number> {
  const { run } = SshHost.prototype;
  let changes = 0;
  SshHost.prototype.run = function (argv, options = {}) {
    if (options.changes) changes++;
    return run.call(this, argv, options);
  };
  try {
    await work();
    return changes;
  } finally {
    SshHost.prototype.run = run;
  }
}
