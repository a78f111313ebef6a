// Proves: whatever is put into a page stands there as text, and only what was made as markup is markup.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeText, html, prose, trusted } from "../../report/html.ts";

describe("a piece of a page", () => {
  it("escapes what is put into it, in text and in attributes", () => {
    const name = `<script>alert("1")</script>' & co`;
    expect(html`<p title="${name}">${name}</p>`.toString()).toBe(
      '<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39; &amp; co">&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39; &amp; co</p>',
    );
  });

  it("takes other pieces as they are, joins lists and leaves nothing for null", () => {
    expect(html`<ul>${["a<", "b"].map((text) => html`<li>${text}</li>`)}${null}${3}</ul>`.toString()).toBe(
      "<ul><li>a&lt;</li><li>b</li>3</ul>",
    );
    expect(html`${trusted("<b>")}`.toString()).toBe("<b>");
  });

  it("shows keys between backticks as code, escaped like everything else", () => {
    expect(prose("set `a<b` and `c`").toString()).toBe("set <code>a&lt;b</code> and <code>c</code>");
  });

  it("holds no character that a page may not hold, and none that turns the reading direction", () => {
    expect(escapeText("a\u0000b\u001bc\u202ed\ufefff\ud800g\n\t")).toBe("a\ufffdb\ufffdc\ufffdd\ufffdf\ufffdg\n\t");
  });

  it("never lets text open a tag or end an attribute", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(escapeText(text)).not.toMatch(/[<>"']|&(?!(amp|lt|gt|quot|#39);)/);
      }),
    );
  });
});
