"""The room `lrtzc_reward`: points that thank people for what they do for others, for those who want them.

Points aren't added up as things happen: they are what stands now, counted anew (`counting`), so that nothing is lost
or counted twice, whatever was cut off half-way, and nothing is won by doing a thing again and again. Who wants them
chooses a pseudonym; nothing else of them is ever shown. docs/reward.md says more.
"""
