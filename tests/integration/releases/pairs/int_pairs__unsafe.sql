{{ unsafe_classes("public.pairs", "research_pairs") }}
