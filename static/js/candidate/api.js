// Talk to the candidate's REST routes: the cookie says who, the page's CSRF token says from where.

export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `HTTP ${status}`);
    this.status = status;
    this.problem = problem;
  }

  /** Whether the same request may succeed later, unchanged. */
  get isPassing() {
    return this.status >= 500 || this.status === 408 || this.status === 429;
  }

  get retryAfterS() {
    return this.problem.retry_after_s ?? null;
  }
}

/** The network failed before any answer came. */
export class Offline extends Error {}

export async function call(method, path, body) {
  const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  let response;
  try {
    response = await fetch(`/api/v1/candidate/${path}`, {
      method,
      credentials: "same-origin",
      cache: "no-store",
      headers: {
        Accept: "application/json",
        "X-CSRFToken": token,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    throw new Offline(error.message);
  }
  const document_ = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, document_);
  return document_;
}
