/** What a test may ask a control plane to get wrong. */
export interface FaultSpec {
  /** Answers come this much later. */
  latencyMs?: number;
  /** This part of the requests (0 to 1) is refused with `errorStatus`. */
  errorRate?: number;
  errorStatus?: number;
  /** Seconds for the `Retry-After` of refused requests. */
  retryAfter?: number;
  /** This part of the requests (0 to 1) has its connection cut. */
  cutRate?: number;
  /** Whether a cut comes before the request is carried out, or after it and instead of the answer. */
  cutWhen?: "before" | "after";
  /** Requests are taken and never answered. */
  freeze?: boolean;
  /** Only requests whose `<METHOD> <path>` matches this regular expression. */
  only?: string;
  /** Only so many requests, then everything is well again. */
  times?: number;
}

export interface Fault {
  latencyMs: number;
  error?: { status: number; retryAfter?: number };
  cut?: "before" | "after";
  freeze: boolean;
}

const NONE: Fault = { latencyMs: 0, freeze: false };

/** Decides for each request which fault it meets. */
export class Faults {
  private spec: FaultSpec = {};
  private only: RegExp | undefined;
  private left = Infinity;

  /** Throws when the specification makes no sense. */
  set(spec: FaultSpec): void {
    for (const rate of [spec.errorRate, spec.cutRate]) {
      if (rate !== undefined && !(rate >= 0 && rate <= 1)) {
        throw new Error("errorRate and cutRate must be between 0 and 1");
      }
    }
    this.only = spec.only === undefined ? undefined : new RegExp(spec.only);
    this.spec = spec;
    this.left = spec.times ?? Infinity;
  }

  clear(): void {
    this.set({});
  }

  next(method: string, path: string): Fault {
    const { spec } = this;
    if (this.left <= 0 || (this.only && !this.only.test(`${method} ${path}`))) {
      return NONE;
    }
    const cut = Math.random() < (spec.cutRate ?? 0);
    const error = !cut && Math.random() < (spec.errorRate ?? 0);
    const fault: Fault = {
      latencyMs: spec.latencyMs ?? 0,
      freeze: spec.freeze ?? false,
      ...(cut ? { cut: spec.cutWhen ?? "before" } : {}),
      ...(error ? { error: { status: spec.errorStatus ?? 503, retryAfter: spec.retryAfter } } : {}),
    };
    if (fault.cut || fault.error || fault.freeze || fault.latencyMs > 0) {
      this.left--;
    }
    return fault;
  }
}
