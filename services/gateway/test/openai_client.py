"""Talks to the gateway through OpenAI's own client and prints what it saw as one JSON object."""

import json
import sys

import openai
from pydantic import BaseModel


class Place(BaseModel):
    city: str
    people: int


def main(url: str, key: str) -> dict:
    client = openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)
    messages = [{"role": "user", "content": "Tell me of the sea."}]
    whole = client.chat.completions.create(model="chat", messages=messages, max_tokens=30)
    text, usage = "", None
    stream = client.chat.completions.create(
        model="chat", messages=messages, max_tokens=30, stream=True, stream_options={"include_usage": True}
    )
    for chunk in stream:
        if chunk.choices:
            text += chunk.choices[0].delta.content or ""
        usage = chunk.usage or usage
    called = client.chat.completions.create(
        model="chat",
        messages=[{"role": "user", "content": '[[tool:weather {"city":"Ulm"}]]'}],
        tools=[{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}],
    )
    parsed = client.chat.completions.parse(model="chat", messages=messages, response_format=Place)
    errors = []
    for bad in ({"model": "other"}, {"model": "chat", "extra_body": {"chat_template": "x"}}):
        try:
            client.chat.completions.create(messages=messages, **bad)
        except openai.APIStatusError as error:
            errors.append([type(error).__name__, error.code])
    return {
        "sameText": text == whole.choices[0].message.content and len(text) > 50,
        "usage": [usage.completion_tokens, whole.usage.completion_tokens],
        "tool": called.choices[0].message.tool_calls[0].function.arguments,
        "parsed": parsed.choices[0].message.parsed.model_dump(),
        "embedding": len(client.embeddings.create(model="chat", input="a").data[0].embedding),
        "models": [model.id for model in client.models.list()],
        "errors": errors,
    }


print(json.dumps(main(*sys.argv[1:])))
