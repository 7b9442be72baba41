"""The llm judge: any OpenAI-compatible endpoint, asked once per ticket, its evidence verified."""
