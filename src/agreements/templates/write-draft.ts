import { Document, isScalar, visit } from 'yaml';

/** A document as YAML that people mend: long words folded, what to do said at the top. */
export function writeDraft(document: Record<string, unknown>, template: string): string {
  const written = new Document(document, { aliasDuplicateObjects: false });
  visit(written, {
    Scalar: (key, node) => {
      if (key !== 'key' && isScalar(node) && typeof node.value === 'string' && node.value.length > 90)
        node.type = 'BLOCK_FOLDED';
    },
  });
  written.commentBefore = [
    ` Started from the template “${template}”.`,
    ' Fill in each [say ...]: until then this is no whole agreement, and cannot be proposed. Read every clause, and change what',
    ' is not so. What software enforces is under terms: keep it as the words say.',
  ].join('\n');
  return written.toString({ lineWidth: 120 });
}
