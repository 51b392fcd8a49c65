/**
 * Keyed items in a part of their own, like Lit's `repeat`, of which one thing is different: an item
 * that goes takes both its markers with it. `removePart` of Lit 3.3.3 leaves the second one behind,
 * a comment for each message that ever was: after ten busy minutes 36,000 of them, and frames of
 * seconds.
 */

import { noChange, type ChildPart } from 'lit';
import { Directive, directive } from 'lit/directive.js';
import { insertPart, removePart, setChildPartValue } from 'lit/directive-helpers.js';

interface Keyed {
  readonly key: string;
}

class KeyedDirective extends Directive {
  readonly #parts = new Map<string, ChildPart>();

  render(..._: unknown[]): unknown {
    return noChange;
  }

  override update(
    container: ChildPart,
    [items, draw]: [readonly Keyed[], (item: Keyed) => unknown],
  ): unknown {
    const wanted = new Set(items.map(({ key }) => key));
    for (const [key, part] of this.#parts) {
      if (wanted.has(key)) continue;
      const { endNode } = part;
      removePart(part);
      (endNode as ChildNode | null)?.remove();
      this.#parts.delete(key);
    }
    let next: ChildPart | undefined;
    for (const item of items.toReversed()) {
      const known = this.#parts.get(item.key);
      const place = next === undefined ? container.endNode : next.startNode;
      const stays = known !== undefined && known.endNode?.nextSibling === place;
      const part = stays ? known : insertPart(container, next, known);
      setChildPartValue(part, draw(item));
      this.#parts.set(item.key, part);
      next = part;
    }
    return this.render();
  }
}

/** Draw items by their keys; stands alone in its part. */
export const keyed = directive(KeyedDirective) as unknown as <Item extends Keyed>(
  items: readonly Item[],
  draw: (item: Item) => unknown,
) => unknown;
