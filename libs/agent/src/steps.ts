/** Steps, each one transaction, and what becomes of them: the application's part in it, and what follows when it is durable. */
import type { Clock } from '@polyplex/base';
import type { AgentOptions } from './agent.ts';
import { ApplicationStep } from './application-step.ts';
import type { FreshKeys } from './ratchet/fresh-keys.ts';
import { Step } from './step.ts';

export interface StepsOptions extends Pick<AgentOptions, 'store' | 'inStep' | 'onEvent' | 'files'> {
  readonly clock: Clock;
  readonly fresh: FreshKeys;
}

export interface StepHandlers {
  readonly onDurable: (step: Step) => void;
  /** The application cannot handle an event. */
  readonly onFailure: (error: unknown) => void;
}

export class Steps {
  readonly #options: StepsOptions;
  readonly #handlers: StepHandlers;

  constructor(options: StepsOptions, handlers: StepHandlers) {
    this.#options = options;
    this.#handlers = handlers;
  }

  /** As `AgentContext.change`. */
  async change<T>(work: (step: Step) => T): Promise<T> {
    const { store, clock, fresh, files } = this.#options;
    let isHandled = true;
    try {
      const { step, result } = await store.change((records) => {
        const made = new Step(records, { now: clock.now(), fresh, hasFiles: files !== undefined });
        const worked = work(made);
        isHandled = false;
        this.#handle(made);
        isHandled = true;
        return { step: made, result: worked };
      });
      this.#handlers.onDurable(step);
      this.#tell(step);
      return result;
    } catch (error) {
      // What the caller has asked for is refused to the caller; what the application cannot handle ends the agent.
      if (!isHandled) this.#handlers.onFailure(error);
      throw error;
    }
  }

  /** The application's part. What it does may make further events. */
  #handle(step: Step): void {
    const { inStep, files } = this.#options;
    const made = new ApplicationStep(step);
    for (const event of step.fileEvents) files?.inStep?.(event, made);
    for (const event of step.events) inStep?.(event, made);
  }

  #tell(step: Step): void {
    const { onEvent, files } = this.#options;
    for (const work of step.afterwards) work();
    for (const event of step.fileEvents) files?.onEvent?.(event);
    for (const event of step.events) onEvent?.(event);
  }
}
