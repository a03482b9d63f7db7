"""Services that answer prompts over a network, for judges and for models of a study alike.

Start at `provider`: what a provider says of itself. `protocol.Service` and `batching.BatchService` are its connections.
`openai` and `anthropic` are a provider each, with the keys of its sections in `study.toml`, its connection and its batches;
`providers` lists them. A new provider is one such module and its line there. `messages` is what is sent and what comes back,
`runner` makes many calls, at the speed that `pace` allows, and `prices` knows what they cost.
"""
